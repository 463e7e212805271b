import { type CommanderError, Command as Parser, Option as ParserOption } from 'commander'
import type { DavitError } from 'davit/contract'
import type { Command } from './command.ts'
import { GLOBALS } from './globals.ts'
import { invalid } from './invalid.ts'
import { type AnyOption, longName } from './option.ts'
import type { GlobalInput } from './settings.ts'

export type Parsed = { readonly help: string } | { readonly input: Readonly<Record<string, unknown>>; readonly globals: GlobalInput }

const nameOf = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const declare = (parser: Parser, option: AnyOption): void => {
  const name = longName(option)
  const declared = new ParserOption(option.flags, option.help)
  declared.argParser((text: string, before: unknown) =>
    option.many ? [...(Array.isArray(before) ? before : []), option.parse(text, name)] : option.parse(text, name),
  )
  parser.addOption(declared)
}

const quietParser = (name: string): Parser =>
  new Parser(name)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .helpOption('-h, --help', 'Show this help')

/** commander's own words, without its prefix, as our error. */
const asUsage = (error: CommanderError, hint: string): DavitError => {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  return invalid(message, { hint: suggestion ? suggestion.replace(/^\((.*)\)$/, '$1') : hint })
}

const isCommanderError = (error: unknown): error is CommanderError => error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')

/** The commander program of one command, with the global flags behind its own. */
export const parserOf = (command: Command): Parser => {
  const parser = quietParser(`davit ${command.name}`).summary(command.summary).description(command.summary)
  for (const [name, { help, required, variadic }] of Object.entries(command.args)) {
    const shown = `${nameOf(name)}${variadic ? '...' : ''}`
    parser.argument(required ? `<${shown}>` : `[${shown}]`, help)
  }
  for (const option of Object.values(command.options)) declare(parser, option)
  parser.optionsGroup('Everywhere:')
  for (const option of Object.values(GLOBALS)) declare(parser, option)
  if (command.examples.length > 0) parser.addHelpText('after', `\nExamples:\n${command.examples.map((line) => `  ${line}`).join('\n')}`)
  return parser
}

/** commander keeps `--no-browser` as `browser: false`. */
const valueIn = (given: Readonly<Record<string, unknown>>, key: string, option: AnyOption): unknown => {
  const declared = new ParserOption(option.flags)
  return declared.negate ? given[declared.attributeName()] === false : (given[key] ?? option.absent)
}

const pick = (options: Readonly<Record<string, AnyOption>>, given: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).map(([key, option]) => [key, valueIn(given, key, option)]))

/** The global flags that were given; commander keeps `--no-color` as `color: false`. */
const globalsOf = (given: Readonly<Record<string, unknown>>): GlobalInput =>
  Object.fromEntries(
    Object.keys(GLOBALS).flatMap((key) =>
      key === 'noColor' ? (given['color'] === false ? [[key, true]] : []) : given[key] === undefined ? [] : [[key, given[key]]],
    ),
  )

/** The words behind a command's name as its input. Throws `invalid` with a suggestion; `--help` gives the help. */
export const parseCommand = (command: Command, argv: readonly string[]): Parsed => {
  const parser = parserOf(command)
  try {
    parser.parse([...argv], { from: 'user' })
  } catch (error) {
    if (!isCommanderError(error)) throw error
    if (error.code === 'commander.helpDisplayed') return { help: helpOf(command) }
    const own = error.code === 'commander.unknownOption' && 'args' in command.args ? '; what belongs to the container comes after --' : ''
    throw asUsage(error, `\`davit ${command.name} --help\` lists what it takes${own}`)
  }
  const given = parser.opts()
  const positional = Object.fromEntries(Object.keys(command.args).map((name, index) => [name, parser.processedArgs[index]]))
  return { input: { ...pick(command.options, given), ...positional }, globals: globalsOf(given) }
}

export const helpOf = (command: Command): string => {
  let shown = ''
  parserOf(command)
    .configureOutput({
      writeOut: (text) => {
        shown += text
      },
    })
    .outputHelp()
  return shown
}

/** What stands before the command's name: global flags, `--help`, `--version`; `rest` begins with the name. */
export const parseLeading = (
  argv: readonly string[],
): { readonly globals: GlobalInput; readonly help: boolean; readonly version: boolean; readonly rest: readonly string[] } => {
  const parser = quietParser('davit').helpOption(false).option('-h, --help').option('-V, --version').argument('[words...]').passThroughOptions()
  for (const option of Object.values(GLOBALS)) declare(parser, option)
  try {
    parser.parse([...argv], { from: 'user' })
  } catch (error) {
    throw isCommanderError(error) ? asUsage(error, '`davit --help` lists commands and flags') : error
  }
  const given = parser.opts()
  return { globals: globalsOf(given), help: given['help'] === true, version: given['version'] === true, rest: parser.args }
}
