import type { Colors } from './colors.ts'

export interface CellHow<T> {
  /** The rows that the cell stands among. */
  readonly all: readonly T[]
  readonly colors: Colors
  /** Milliseconds since 1970, for ages. */
  readonly now: number
}

export interface Column<T> {
  readonly header: string
  readonly cell: (item: T, how: CellHow<T>) => string
  /** Only with `-o wide`. */
  readonly wide?: true
}

/** How one kind of entity is shown. */
export interface View<T> {
  /** For the envelope: `Run` → `RunList`. */
  readonly kind: string
  /** What `-o name` prints, and other commands take. */
  readonly nameOf: (item: T) => string
  readonly columns: readonly Column<T>[]
}

const BORDERLESS = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((part) => [part, '']),
)

// What containers and servers say must not move a user's cursor or colour a terminal.
const CONTROL = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g
const oneLine = (text: string): string => text.replaceAll(CONTROL, '').replaceAll(/\s*\n\s*/g, ' ')

/** A table without borders, a line for each item, columns padded to their widest cell. */
export const asTable = async <T>(
  view: View<T>,
  items: readonly T[],
  { wide, colors, now = Date.now() }: { wide: boolean; colors: Colors; now?: number },
): Promise<string> => {
  const { default: Table } = await import('cli-table3')
  const columns = view.columns.filter((column) => wide || !column.wide)
  const table = new Table({
    head: columns.map(({ header }) => colors.bold(header)),
    chars: { ...BORDERLESS, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  })
  for (const item of items) table.push(columns.map(({ cell }) => oneLine(cell(item, { all: items, colors, now })) || '-'))
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`
}
