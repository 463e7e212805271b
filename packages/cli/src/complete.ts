import { RootCommand } from '@bomb.sh/tab'
import type { Davit } from 'davit'
import type { Cli } from './cli.ts'
import { COMMANDS, findCommand, loadAll } from './registry.ts'
import { functionNameOf } from './run/run-ref.ts'
import type { Command, Completes } from './runner/command.ts'
import { connect } from './runner/connect.ts'
import { type Contexts, contextsFile, NO_CONTEXTS, readContexts } from './runner/contexts.ts'
import { GLOBALS } from './runner/globals.ts'
import { type AnyOption, longName, shortName, takesValue } from './runner/option.ts'
import { parseLeading } from './runner/parse.ts'
import { type GlobalInput, resolveSettings } from './runner/settings.ts'

type Suggestion = readonly [value: string, description: string]

/** Whoever has pressed a key waits for no longer, unless `DAVIT_COMPLETION_MS` says so. */
const PATIENCE_MS = { usual: 1000, most: 60_000 } as const
const MOST = 100

interface Live {
  readonly client: Davit
  readonly project: string
  readonly signal: AbortSignal
  readonly contexts: Contexts
}

/** What there is to offer, asked of the server where names live. */
const SOURCES = {
  run: async ({ client, project, signal }) => {
    const { items } = await client.runs.list(project, { size: MOST, sort: 'created,DESC' }, { signal })
    const runs = items.map(
      (run): Suggestion => [run.name === run.id ? run.id.slice(0, 12) : run.name, `${functionNameOf(run) ?? ''} ${run.status.state}`.trim()],
    )
    return [
      ...runs,
      ['@latest', 'the newest run'],
      ...[...new Set(items.map(functionNameOf))].flatMap((name): Suggestion[] => (name ? [[`${name}@latest`, `the newest run of ${name}`]] : [])),
    ]
  },
  function: async ({ client, project, signal }) =>
    (await client.functions.list(project, { size: MOST }, { signal })).items.map(({ name, spec }) => [name, spec.image ?? '']),
  project: async ({ client, signal }) =>
    (await client.projects.list({ size: MOST }, { signal })).items.map(({ name, metadata }) => [name, metadata.description ?? '']),
  context: async ({ contexts }) => Object.entries(contexts.contexts).map(([name, { endpoint }]) => [name, endpoint]),
} as const satisfies Record<string, (live: Live) => Promise<readonly Suggestion[]>>

const isFixed = (completes: Completes): completes is readonly string[] => Array.isArray(completes)

/** Nobody wants an error in the middle of a line that is being typed: no answer, no suggestions. */
const suggestionsFor = async (completes: Completes, live: Live): Promise<readonly Suggestion[]> => {
  if (isFixed(completes)) return completes.map((word) => [word, ''])
  try {
    return await SOURCES[completes](live)
  } catch {
    return []
  }
}

const OPTION_SOURCES: Readonly<Record<string, Completes>> = {
  '--project': 'project',
  '--function': 'function',
  '--versions': 'function',
  '--context': 'context',
}

/** The flags so far, so that names come from the server and project that are meant; what is not whole yet is passed over. */
const globalsIn = (words: readonly string[]): GlobalInput => {
  const input: Record<string, string> = {}
  for (const [key, option] of [
    ['endpoint', GLOBALS.endpoint],
    ['context', GLOBALS.context],
    ['project', GLOBALS.project],
  ] as const)
    for (const [index, word] of words.slice(0, -1).entries()) {
      const next = words[index + 1]
      if (next !== undefined && (word === longName(option) || word === shortName(option))) input[key] = next
    }
  return input
}

const withOption = (target: ReturnType<RootCommand['command']>, option: AnyOption, suggestions: readonly Suggestion[]): void => {
  const short = shortName(option)?.slice(1)
  const name = longName(option).slice(2)
  if (!takesValue(option)) target.option(name, option.help, short ?? '')
  else
    target.option(
      name,
      option.help,
      (complete) => {
        for (const [value, description] of suggestions) complete(value, description)
      },
      short,
    )
}

const declare = async (root: RootCommand, command: Command, live: Live | undefined): Promise<void> => {
  const target = root.command(command.name, command.summary)
  const ask = async (completes: Completes | undefined): Promise<readonly Suggestion[]> => (live && completes ? suggestionsFor(completes, live) : [])
  for (const option of [...Object.values(command.options), ...Object.values(GLOBALS)])
    withOption(target, option, await ask(option.choices ?? OPTION_SOURCES[longName(option)]))
  for (const [name, { completes, variadic }] of Object.entries(command.args)) {
    const suggestions = await ask(completes)
    target.argument(
      name,
      (complete) => {
        for (const [value, description] of suggestions) complete(value, description)
      },
      variadic,
    )
  }
}

const commandWords = (words: readonly string[]): readonly string[] => {
  try {
    return parseLeading(words).rest
  } catch {
    return []
  }
}

const patienceMs = (said: string | undefined): number => {
  const ms = Math.floor(Number(said))
  return ms > 0 ? Math.min(ms, PATIENCE_MS.most) : PATIENCE_MS.usual
}

/** Answers a shell that asks `davit complete -- WORDS…` what may come next. The server is asked only for the command that is being typed. */
export const complete = async ({ argv, io }: Cli): Promise<number> => {
  const words = argv.slice(argv[1] === '--' ? 2 : 1)
  const found = findCommand(commandWords(words))
  const contexts = await readContexts(contextsFile(io.env)).catch(() => NO_CONTEXTS)
  const settings = resolveSettings(globalsIn(words), { env: io.env, contexts })
  const signal = AbortSignal.timeout(patienceMs(io.env['DAVIT_COMPLETION_MS']))
  const live = { client: await connect(settings, io), project: settings.project, signal, contexts }
  const typed = found && (await COMMANDS[found.name]())
  const root = new RootCommand()
  for (const command of await loadAll()) await declare(root, command, command === typed ? live : undefined)
  root.parse([...words])
  return 0
}
