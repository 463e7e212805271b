import type { Colors } from './colors.ts'
import { asTable, type View } from './table.ts'
import type { Format } from './globals.ts'
import type { Io } from './io.ts'
import { spinner } from './spinner.ts'

export const API_VERSION = 'davit.dev/v1'

/** How results and narration leave a command: data on stdout in the chosen format, everything else on stderr. */
export interface Out {
  readonly format: Format
  /** Human output: tables and sentences. */
  readonly human: boolean
  readonly colors: Colors
  /** The same for narration: stderr may go elsewhere. */
  readonly stderrColors: Colors
  /** Many: a table, an envelope `{ apiVersion, kind: 'RunList', items }`, or names. `empty` is said on stderr when there are none. */
  list<T extends object>(view: View<T>, items: readonly T[], empty?: string): Promise<void>
  /** One entity. `human` replaces the one-row table. */
  one<T extends object>(view: View<T>, item: T, human?: () => string): Promise<void>
  /** One of an endless row of entities: NDJSON, YAML documents, names, or what `human` gives. */
  item<T extends object>(view: View<T>, item: T, human: () => string): Promise<void>
  /** Text for people who asked for nothing else, on stdout. */
  print(text: string): Promise<void>
  /** Bytes as they are, on stdout or (where stdout carries a result) on stderr. */
  bytes(data: Uint8Array, to?: 'stdout' | 'stderr'): Promise<void>
  /** Narration: a line on stderr, unless `--quiet`. */
  say(line: string): Promise<void>
  /** As `say`, also with `--quiet`. */
  warn(line: string): Promise<void>
  /** What is being waited for: a spinner on a terminal, nothing elsewhere. Undefined ends it. */
  busy(text: string | undefined): void
}

const versioned = (item: object): object => ({ apiVersion: API_VERSION, ...item })

const toYaml = async (value: unknown): Promise<string> => (await import('./yaml.ts')).toYaml(value)

export const makeOut = ({ io, format, quiet, colors, stderrColors }: { io: Io; format: Format; quiet: boolean; colors: Colors; stderrColors: Colors }): Out => {
  const spin = spinner({ sink: io.stderr, enabled: io.stderr.isTTY && !quiet && io.env['TERM'] !== 'dumb', colors: stderrColors })
  const human = format === 'table' || format === 'wide'
  const stdout = (data: string | Uint8Array): Promise<void> => spin.aside(() => io.stdout.write(data))
  const stderr = (data: string | Uint8Array): Promise<void> => spin.aside(() => io.stderr.write(data))
  const data = async (value: object): Promise<void> => stdout(format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : await toYaml(value))

  return {
    format,
    human,
    colors,
    stderrColors,
    list: async (view, items, empty) => {
      if (format === 'name') return stdout(items.map((item) => `${view.nameOf(item)}\n`).join(''))
      if (!human) return data({ apiVersion: API_VERSION, kind: `${view.kind}List`, items })
      if (items.length === 0) return empty === undefined || quiet ? undefined : stderr(`${empty}\n`)
      return stdout(await asTable(view, items, { wide: format === 'wide', colors }))
    },
    one: async (view, item, text) => {
      if (format === 'name') return stdout(`${view.nameOf(item)}\n`)
      if (!human) return data(versioned(item))
      return stdout(text ? text() : await asTable(view, [item], { wide: format === 'wide', colors }))
    },
    item: async (view, item, text) => {
      if (format === 'name') return stdout(`${view.nameOf(item)}\n`)
      if (format === 'json') return stdout(`${JSON.stringify(versioned(item))}\n`)
      return stdout(format === 'yaml' ? `---\n${await toYaml(versioned(item))}` : text())
    },
    print: stdout,
    bytes: (chunk, to = 'stdout') => (to === 'stdout' ? stdout(chunk) : stderr(chunk)),
    say: async (line) => (quiet ? undefined : stderr(`${line}\n`)),
    warn: (line) => stderr(`${line}\n`),
    busy: spin.show,
  }
}
