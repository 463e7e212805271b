import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { DavitError, nearestOf } from 'davit/contract'
import { parse } from 'yaml'
import { withoutPassword } from './password.ts'
import { type Config, FLAG_NAMES, flagOf, SETTING_NAMES, SETTINGS, type SettingName, variableOf } from './settings.ts'

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

type Given = Readonly<Partial<Record<SettingName, { readonly text: string; readonly origin: string }>>>

const invalid = (path: string, message: string, hint?: string): DavitError => new DavitError('invalid', message, { path, ...(hint !== undefined && { hint }) })

const unknown = (what: string, name: string, known: readonly string[]): DavitError => {
  const nearest = nearestOf(name, known)
  return invalid(name, `${what} ${name} is not known`, nearest ? `did you mean ${nearest}?` : `known are: ${known.join(', ')}`)
}

/** Flags that stand alone. */
const SWITCHES: readonly SettingName[] = ['ephemeral', 'new_admin_token']

const FLAGS = {
  ...Object.fromEntries(FLAG_NAMES.map((name) => [flagOf(name), { type: SWITCHES.includes(name) ? ('boolean' as const) : ('string' as const) }])),
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

function fromFile(file: string | undefined): Given {
  if (file === undefined) return {}
  let content: unknown
  try {
    content = parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new DavitError('invalid', `the settings file ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  if (content === null || content === undefined) return {}
  if (typeof content !== 'object' || Array.isArray(content)) throw invalid(file, `the settings file ${file} must hold names and values`)
  return Object.fromEntries(
    Object.entries(content).flatMap(([name, value]) => {
      if (!Object.hasOwn(SETTINGS, name)) throw unknown(`the setting in ${file}`, name, SETTING_NAMES)
      if (!FLAG_NAMES.some((known) => known === name)) throw invalid(name, `the setting ${name} is taken from its variable only, not from ${file}`)
      if (typeof value === 'object' && value !== null) throw invalid(name, `the setting ${name} in ${file} must be one value`)
      return value === null || value === undefined ? [] : [[name, { text: String(value), origin: file }]]
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

const fromFlags = (values: Record<string, unknown>): Given =>
  Object.fromEntries(
    FLAG_NAMES.flatMap((name) => (values[flagOf(name)] === undefined ? [] : [[name, { text: String(values[flagOf(name)]), origin: `--${flagOf(name)}` }]])),
  )

/** All settings, validated once. Throws `invalid` naming the flag, variable or key, and what is allowed. */
export function readConfig({ argv, env }: ConfigInputs): ReadConfig {
  const values = readFlags(argv)
  const file = typeof values.config === 'string' ? values.config : env.DAVIT_CONFIG
  const given: Given = { ...fromFile(file), ...fromEnv(env), ...fromFlags(values) }
  const entries = SETTING_NAMES.map((name) => {
    const { schema, fallback } = SETTINGS[name]
    const { text, origin } = given[name] ?? { text: fallback, origin: fallback === undefined ? 'not set' : 'default' }
    if (text === undefined) return { name, value: undefined, origin }
    const result = schema.safeParse(text)
    if (!result.success)
      throw invalid(
        origin,
        `${origin} is ${FLAG_NAMES.includes(name) ? JSON.stringify(withoutPassword(text)) : 'wrong'}: ${name} ${result.error.issues[0]?.message ?? 'is not valid'}`,
        SETTINGS[name].summary,
      )
    return { name, value: result.data, origin }
  })
  return {
    // Each value was parsed by its own schema above; the table's types say which.
    config: Object.fromEntries(entries.map(({ name, value }) => [name, value])) as Config,
    origins: Object.fromEntries(entries.map(({ name, origin }) => [name, origin])) as Record<SettingName, string>,
    printConfig: values['print-config'] === true,
    help: values.help === true,
  }
}
