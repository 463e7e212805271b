import type { Colors } from './colors.ts'
import { printableCell } from './printable.ts'

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
  for (const item of items) table.push(columns.map(({ cell }) => printableCell(cell(item, { all: items, colors, now })) || '-'))
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`
}
