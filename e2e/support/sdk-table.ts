import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SDK_LINES, type SdkLine, sdkLines, type SdkOutcome, type SdkResult } from './sdk-lines.ts'

/** What stands of an outcome: the same in every run. */
export interface SdkEntry {
  readonly sentence: string
  readonly call: string
  readonly result: SdkResult
  readonly reason?: string
  /** What the line says when it fails, without ids. */
  readonly error?: string
}
export type SdkResults = Readonly<Partial<Record<SdkLine, readonly SdkEntry[]>>>

const ROOT = join(import.meta.dirname, '..', '..')
const RESULTS = join(ROOT, 'e2e', 'python-sdk', 'results.json')
const TABLE = join(ROOT, 'docs', 'sdk-lines.md')

const withoutIds = (text: string): string =>
  (text.split('\n')[0] ?? '')
    .replace(/[0-9a-f]{8,}(-[0-9a-f]{4,})*/g, '…')
    .replace(/127\.0\.0\.1:\d+/g, '…')
    .slice(0, 200)

export const entryOf = ({ sentence, call, result, reason, detail }: SdkOutcome): SdkEntry => ({
  sentence,
  call,
  result,
  ...(reason !== undefined && { reason }),
  ...(reason !== undefined && detail !== undefined && { error: withoutIds(detail) }),
})

export const readResults = (): SdkResults => JSON.parse(readFileSync(RESULTS, 'utf8')) as SdkResults
export const readTable = (): string => readFileSync(TABLE, 'utf8')

/** A row of the table: what a check is, and what became of it in each line. */
interface Row {
  readonly sentence: string
  readonly call: string
  readonly cells: readonly (SdkEntry | undefined)[]
}

const rowsOf = (results: SdkResults): readonly Row[] => {
  const sentences = new Map(sdkLines.flatMap((line) => (results[line] ?? []).map(({ sentence, call }) => [sentence, call] as const)))
  return [...sentences].map(([sentence, call]) => ({ sentence, call, cells: sdkLines.map((line) => results[line]?.find((one) => one.sentence === sentence)) }))
}

const cell = (entry: SdkEntry | undefined, notes: string[]): string => {
  if (!entry) return '—'
  if (entry.result === 'works') return 'works'
  const note = `${entry.reason ?? ''}: \`${entry.error ?? ''}\``
  if (!notes.includes(note)) notes.push(note)
  return `${entry.result} ${notes.indexOf(note) + 1}`
}

const counted = (results: SdkResults, line: SdkLine): string => {
  const all = results[line] ?? []
  const count = (result: SdkResult): number => all.filter((entry) => entry.result === result).length
  return `| ${SDK_LINES[line].digitalhub} | ${SDK_LINES[line].plugin} | ${count('works')} | ${count('own bug')} | ${count('not offered')} | ${count('failed')} |`
}

/** The page docs/sdk-lines.md: made from results alone. */
export const renderTable = (results: SdkResults): string => {
  const notes: string[] = []
  const rows = rowsOf(results).map(({ sentence, call, cells }) => `| ${sentence} | \`${call}\` | ${cells.map((entry) => cell(entry, notes)).join(' | ')} |`)
  return [
    "# DigitalHub's Python SDK against Davit",
    '',
    'Written by `DAVIT_UPDATE_SDK_TABLE=1 npm test python-sdk`, from a real run of the unmodified packages on a container engine; the tests',
    'say when it is stale. `own bug n`: that line of the SDK fails by itself, see note n. `not offered n`: that line does not have it by its own',
    'design, and says so. `failed`: Davit does not do it.',
    '',
    '| digitalhub | runtime-container | works | own bug | not offered | failed |',
    '|---|---|---|---|---|---|',
    ...sdkLines.map((line) => counted(results, line)),
    '',
    `| what | call | ${sdkLines.join(' | ')} |`,
    `|---|---|${'---|'.repeat(sdkLines.length)}`,
    ...rows,
    '',
    '## Notes',
    '',
    ...notes.map((note, index) => `${index + 1}. ${note}`),
    '',
  ].join('\n')
}

/** Writes what a line's run gave, and the page anew. */
export const updateTable = (line: SdkLine, entries: readonly SdkEntry[]): void => {
  const results = { ...readResults(), [line]: entries }
  writeFileSync(RESULTS, `${JSON.stringify(Object.fromEntries(sdkLines.map((one) => [one, results[one] ?? []])), null, 2)}\n`)
  writeFileSync(TABLE, renderTable(results))
}
