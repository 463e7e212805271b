import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SDK_FOLDERS, SDK_LINES, type SdkFolder, type SdkLine, sdkLines, type SdkOutcome, type SdkResult } from './sdk-lines.ts'

/** What stands of an outcome: the same in every run. */
export interface SdkEntry {
  readonly sentence: string
  readonly call: string
  readonly result: SdkResult
  readonly reason?: string
  /** What the line says when it fails, without ids. */
  readonly error?: string
}
type FolderResults = Readonly<Partial<Record<SdkLine, readonly SdkEntry[]>>>
export type SdkResults = Readonly<Record<SdkFolder, FolderResults>>

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

const rowsOf = (results: FolderResults): readonly Row[] => {
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

const tableOf = (results: FolderResults, notes: string[]): readonly string[] => [
  `| what | call | ${sdkLines.join(' | ')} |`,
  `|---|---|${'---|'.repeat(sdkLines.length)}`,
  ...rowsOf(results).map(({ sentence, call, cells }) => `| ${sentence} | \`${call}\` | ${cells.map((entry) => cell(entry, notes)).join(' | ')} |`),
]

const counted = (results: SdkResults, line: SdkLine): string => {
  const all = SDK_FOLDERS.flatMap((folder) => results[folder][line] ?? [])
  const count = (result: SdkResult): number => all.filter((entry) => entry.result === result).length
  return `| ${SDK_LINES[line].digitalhub} | ${SDK_LINES[line].plugin} | ${count('works')} | ${count('own bug')} | ${count('not offered')} | ${count('failed')} |`
}

/** What a user needs to know before the table. */
const CREDENTIALS = [
  'Against a server with authentication. What each kind of credentials wants in the environment, or in the ini file of the SDK:',
  '',
  '- `DHCORE_USER` and `DHCORE_PASSWORD`: a password, or a personal access token in its place.',
  '- `DHCORE_PERSONAL_ACCESS_TOKEN`, with `DHCORE_ISSUER` (the URL of the server) and `DHCORE_CLIENT_ID=davit`: the SDK exchanges it at its first call',
  '  and writes what it gets into the ini file.',
  '- `DHCORE_ACCESS_TOKEN` and `DHCORE_REFRESH_TOKEN`, with the same two: the SDK renews them by itself. Without a refresh token the work ends when the',
  '  access token does, after eight hours; a personal access token may stand there too, and is good for as long as it was made for.',
]

/** The page docs/sdk-lines.md: made from results alone. */
export const renderTable = (results: SdkResults): string => {
  const notes: string[] = []
  const [calls, logins] = [tableOf(results.checks, notes), tableOf(results.logins, notes)]
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
    '## Calls',
    '',
    ...calls,
    '',
    '## Credentials',
    '',
    ...CREDENTIALS,
    '',
    ...logins,
    '',
    '## Notes',
    '',
    ...notes.map((note, index) => `${index + 1}. ${note}`),
    '',
  ].join('\n')
}

/** Writes what a line's run gave, and the page anew. */
export const updateTable = (folder: SdkFolder, line: SdkLine, entries: readonly SdkEntry[]): void => {
  const before = readResults()
  const lines = { ...before[folder], [line]: entries }
  const results = { ...before, [folder]: Object.fromEntries(sdkLines.map((one) => [one, lines[one] ?? []])) }
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(TABLE, renderTable(results))
}
