import { type DavitError, nearestOf } from 'davit/contract'
import { familyHelp, rootHelp } from './help.ts'
import { COMMAND_NAMES, COMMANDS, type CommandName, findCommand, loadAll } from './registry.ts'
import { colorsFor } from './runner/colors.ts'
import type { LocalContext } from './runner/command.ts'
import { connect } from './runner/connect.ts'
import { contextsFile, readContexts } from './runner/contexts.ts'
import { exitCodeOfError } from './runner/exit-code.ts'
import { asDavitError, renderFailure } from './runner/failure.ts'
import { FORMATS, type Format } from './runner/globals.ts'
import { interrupts } from './runner/interrupt.ts'
import { invalid } from './runner/invalid.ts'
import type { Io } from './runner/io.ts'
import { makeOut } from './runner/out.ts'
import { helpOf, parseCommand, parseLeading } from './runner/parse.ts'
import { type GlobalInput, resolveSettings } from './runner/settings.ts'

export interface Cli {
  /** What was typed behind `davit`. */
  readonly argv: readonly string[]
  readonly io: Io
  readonly version: string
  /** Where Ctrl-C arrives. */
  readonly process: Parameters<typeof interrupts>[0]
}

/** Without what belongs to a container. */
const ownWords = (argv: readonly string[]): readonly string[] => (argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv)

/** The format for an error that happens before flags are understood. */
const guessFormat = (own: readonly string[]): Format => {
  const [, after] = own.join('\0').match(/(?:^|\0)(?:-o|--output)(?:\0|=)?([a-z]+)(?:\0|$)/) ?? []
  return FORMATS.find((format) => format === after) ?? (own.includes('--json') ? 'json' : 'table')
}

const unknownCommand = (word: string): DavitError => {
  const nearest = nearestOf(word, COMMAND_NAMES)
  return invalid(`unknown command "${word}"`, { hint: nearest ? `did you mean \`davit ${nearest}\`?` : '`davit --help` lists the commands' })
}

const isFamily = (word: string): boolean => COMMAND_NAMES.some((name) => name.startsWith(`${word} `))

/** Help for `davit help run`, `davit run --help`, `davit secret`; undefined when something is to be run. */
const helpFor = async (words: readonly string[], asked: boolean): Promise<string | undefined> => {
  const [word = ''] = words
  const found = findCommand(words)
  if (found) return asked ? helpOf(await COMMANDS[found.name]()) : undefined
  if (word === '' || word === 'help') return rootHelp(await loadAll())
  if (isFamily(word) && words.slice(1).every((next) => next.startsWith('-'))) return familyHelp(word, await loadAll())
  const family = isFamily(word) ? words.slice(0, 2).join(' ') : word
  throw unknownCommand(family)
}

type Ready = Pick<LocalContext<unknown>, 'settings' | 'signal'> & { readonly cli: Cli; readonly input: Readonly<Record<string, unknown>> }

const contextFor = ({ cli, settings, signal, input }: Ready): LocalContext<Readonly<Record<string, unknown>>> => {
  const { io, version } = cli
  const colors = colorsFor(io.stdout, io.env, settings.noColor)
  const stderrColors = colorsFor(io.stderr, io.env, settings.noColor)
  const out = makeOut({ io, format: settings.format, quiet: settings.quiet, colors, stderrColors })
  return { input, out, io, settings, signal, version, connect: () => connect(settings, io) }
}

const runCommand = async (cli: Cli, { name, args, leading }: { name: CommandName; args: readonly string[]; leading: GlobalInput }): Promise<number> => {
  const command = await COMMANDS[name]()
  const parsed = parseCommand(command, args)
  if ('help' in parsed) {
    await cli.io.stdout.write(parsed.help)
    return 0
  }
  const contexts = await readContexts(contextsFile(cli.io.env))
  const settings = resolveSettings({ ...leading, ...parsed.globals }, { env: cli.io.env, contexts })
  using interrupt = interrupts(cli.process, settings.timeoutMs)
  const context = contextFor({ cli, settings, signal: interrupt.signal, input: parsed.input })
  try {
    const code = await (command.local ? command.run(context) : command.run({ ...context, client: await context.connect(), project: settings.project }))
    return code ?? 0
  } catch (error) {
    throw interrupt.signal.aborted ? interrupt.signal.reason : error
  } finally {
    context.out.busy(undefined)
  }
}

const fail = async ({ argv, io }: Cli, thrown: unknown): Promise<number> => {
  const error = asDavitError(thrown)
  const words = ownWords(argv)
  const format = guessFormat(words)
  const colors = colorsFor(io.stderr, io.env, words.includes('--no-color'))
  // After Ctrl-C a person knows what happened; what goes on without them was said where it was known.
  if (error.code !== 'aborted' || format === 'json')
    await io.stderr.write(renderFailure(error, { format, colors, verbose: words.includes('--verbose') || words.includes('-v') }))
  return exitCodeOfError(error)
}

/** Runs one command line and gives its exit code. Never throws: what goes wrong is printed and becomes the code. */
export const runCli = async (cli: Cli): Promise<number> => {
  try {
    const { globals, help, version, rest } = parseLeading(cli.argv)
    if (version) {
      await cli.io.stdout.write(`${cli.version}\n`)
      return 0
    }
    const words = rest[0] === 'help' ? rest.slice(1) : rest
    const text = await helpFor(words, help || rest[0] === 'help')
    if (text !== undefined) {
      await cli.io.stdout.write(text)
      return 0
    }
    const found = findCommand(words)
    return found ? await runCommand(cli, { ...found, leading: globals }) : 2
  } catch (error) {
    return fail(cli, error)
  }
}
