import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DavitError, nearestOf, toInvalid } from 'davit/contract'
import { parse } from 'yaml'
import { withoutPassword } from './password.ts'
import { type Config, FLAG_NAMES, flagOf, isStructured, isSwitch, SETTING_NAMES, SETTINGS, type SettingName, variableOf } from './settings.ts'

export interface ConfigInputs {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface ReadConfig {
  readonly config: Config
  /** Where each value came from: `--listen`, `DAVIT_LISTEN`, a file's name, `default`, or `not set`. */
  readonly origins: Readonly<Record<SettingName, string>>
  readonly printConfig: boolean
  readonly help: boolean
}

/** `text` of a structured setting is the name of its file; from a settings file its value may come instead. */
type Said = { readonly origin: string } & ({ readonly text: string } | { readonly value: object })
type Given = Readonly<Partial<Record<SettingName, Said>>>

const invalid = (path: string, message: string, hint?: string): DavitError => new DavitError('invalid', message, { path, ...(hint !== undefined && { hint }) })

const unknown = (what: string, name: string, known: readonly string[]): DavitError => {
  const nearest = nearestOf(name, known)
  return invalid(name, `${what} ${name} is not known`, nearest ? `did you mean ${nearest}?` : `known are: ${known.join(', ')}`)
}

const FLAGS = {
  ...Object.fromEntries(FLAG_NAMES.map((name) => [flagOf(name), { type: isSwitch(name) ? ('boolean' as const) : ('string' as const) }])),
  config: { type: 'string' as const },
  'print-config': { type: 'boolean' as const },
  help: { type: 'boolean' as const, short: 'h' },
}

function readFlags(argv: readonly string[]) {
  const { values, tokens } = parseArgs({ args: [...argv], options: FLAGS, strict: false, tokens: true, allowPositionals: true })
  for (const token of tokens) {
    if (token.kind === 'positional') throw invalid(token.value, `davit server takes no argument ${token.value}`, 'see davit server --help')
    if (token.kind === 'option' && !Object.hasOwn(FLAGS, token.name))
      throw unknown(
        'the flag',
        token.rawName,
        Object.keys(FLAGS).map((flag) => `--${flag}`),
      )
    if (token.kind === 'option' && token.value === undefined && FLAGS[token.name as keyof typeof FLAGS]?.type === 'string')
      throw invalid(token.rawName, `${token.rawName} needs a value`)
  }
  return values
}

function yamlOf(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new DavitError('invalid', `the settings file ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

/** One key of a settings file. A file that it names is beside it. */
function saidIn(file: string, name: SettingName, value: unknown): Said {
  if (isStructured(name)) {
    if (isMap(value)) return { value, origin: file }
    if (typeof value !== 'string') throw invalid(name, `the setting ${name} in ${file} must hold names and what they stand for, or name a YAML file`)
    return { text: resolve(dirname(file), value), origin: file }
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw invalid(name, `the setting ${name} in ${file} must be one value`)
  return { text: String(value), origin: file }
}

function fromFile(file: string | undefined): Given {
  const content = file === undefined ? undefined : yamlOf(file)
  if (file === undefined || content === null || content === undefined) return {}
  if (!isMap(content)) throw invalid(file, `the settings file ${file} must hold names and values`)
  return Object.fromEntries(
    Object.entries(content).flatMap(([name, value]) => {
      const known = SETTING_NAMES.find((setting) => setting === name)
      if (known === undefined) throw unknown(`the setting in ${file}`, name, SETTING_NAMES)
      if (!FLAG_NAMES.includes(known)) throw invalid(name, `the setting ${name} is taken from its variable only, not from ${file}`)
      return value === null || value === undefined ? [] : [[name, saidIn(file, known, value)]]
    }),
  )
}

const fromEnv = (env: ConfigInputs['env']): Given =>
  Object.fromEntries(
    SETTING_NAMES.flatMap((name) => {
      const { alsoEnv } = { alsoEnv: undefined, ...SETTINGS[name] }
      const variable = [variableOf(name), ...(alsoEnv ? [alsoEnv] : [])].find((key) => env[key] !== undefined && env[key] !== '')
      return variable === undefined ? [] : [[name, { text: env[variable] ?? '', origin: variable }]]
    }),
  )

/** Flags are seen by everybody who lists processes. */
function fromFlag(name: SettingName, text: string): Said {
  const origin = `--${flagOf(name)}`
  if (withoutPassword(text) !== text)
    throw invalid(
      origin,
      `${origin} has a password in it, which everybody who lists processes would see`,
      `give it by ${variableOf(name)}, or in the file of --config`,
    )
  return { text, origin }
}

const fromFlags = (values: Record<string, unknown>): Given =>
  Object.fromEntries(FLAG_NAMES.flatMap((name) => (values[flagOf(name)] === undefined ? [] : [[name, fromFlag(name, String(values[flagOf(name)]))]])))

function structureOf(name: SettingName, said: Said): unknown {
  const [content, where] = 'text' in said ? [yamlOf(said.text), said.text] : [said.value, said.origin]
  const result = SETTINGS[name].schema.safeParse(content ?? {})
  if (result.success) return result.data
  const { message, path } = toInvalid(result.error, [name])
  throw invalid(path ?? name, `${where}: ${message}`, SETTINGS[name].summary)
}

function valueOf(name: SettingName, said: Said): unknown {
  if (isStructured(name) || !('text' in said)) return structureOf(name, said)
  const result = SETTINGS[name].schema.safeParse(said.text)
  if (result.success) return result.data
  const shown = FLAG_NAMES.includes(name) ? JSON.stringify(withoutPassword(said.text)) : 'wrong'
  throw invalid(said.origin, `${said.origin} is ${shown}: ${name} ${result.error.issues[0]?.message ?? 'is not valid'}`, SETTINGS[name].summary)
}

/** All settings, validated once. Throws `invalid` naming the flag, variable or key, and what is allowed. */
export function readConfig({ argv, env }: ConfigInputs): ReadConfig {
  const values = readFlags(argv)
  const file = typeof values.config === 'string' ? values.config : env.DAVIT_CONFIG
  const given: Given = { ...fromFile(file), ...fromEnv(env), ...fromFlags(values) }
  const entries = SETTING_NAMES.map((name) => {
    const { fallback } = SETTINGS[name]
    const said = given[name] ?? (fallback === undefined ? undefined : { text: fallback, origin: 'default' })
    return said === undefined ? { name, value: undefined, origin: 'not set' } : { name, value: valueOf(name, said), origin: said.origin }
  })
  return {
    // Each value was parsed by its own schema above; the table's types say which.
    config: Object.fromEntries(entries.map(({ name, value }) => [name, value])) as Config,
    origins: Object.fromEntries(entries.map(({ name, origin }) => [name, origin])) as Record<SettingName, string>,
    printConfig: values['print-config'] === true,
    help: values.help === true,
  }
}
