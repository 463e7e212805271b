import { withoutPassword } from './password.ts'
import { type Config, FLAG_NAMES, flagOf, SETTING_NAMES, SETTINGS, type SettingName, variableOf } from './settings.ts'

const hidden = (_: string, value: unknown): unknown => (typeof value === 'string' ? withoutPassword(value) : value)

/** A value as the settings file may have it: structures in one line, which YAML reads too. */
function show(name: SettingName, config: Config): string {
  if (name === 'listen') return `${config.listen.host}:${config.listen.port}`
  if (name === 'namespace_quota')
    return Object.entries(config.namespace_quota ?? {})
      .map((pair) => pair.join('='))
      .join(',')
  const value = config[name]
  if (name === 'service_accounts') return (config.service_accounts ?? []).join(',')
  return typeof value === 'object' ? JSON.stringify(value, hidden) : withoutPassword(String(value))
}

/** The settings as a YAML file would have them, with where each came from. Passwords in URLs are hidden. */
export const printConfig = (config: Config, origins: Readonly<Record<SettingName, string>>): string =>
  SETTING_NAMES.map((name) =>
    config[name] === undefined || !FLAG_NAMES.includes(name) ? `# ${name}: (${origins[name]})` : `${name}: ${show(name, config)}  # ${origins[name]}`,
  ).join('\n')

const placeholderOf = (name: SettingName): string => {
  const { placeholder } = { placeholder: '', ...SETTINGS[name] }
  return placeholder
}

export const helpText = (): string => {
  const rows = SETTING_NAMES.map((name) => ({
    flag: FLAG_NAMES.includes(name) ? [`--${flagOf(name)}`, placeholderOf(name)].filter(Boolean).join(' ') : '(variable only)',
    summary: SETTINGS[name].summary,
    fallback: SETTINGS[name].fallback,
    env: variableOf(name),
  }))
  const width = Math.max(...rows.map(({ flag }) => flag.length))
  return [
    'Usage: davit server [flags]',
    '',
    'Starts the control plane. Prints `ready URL` on stdout when it answers; SIGTERM ends it in order.',
    '',
    ...rows.map(({ flag, summary, fallback, env }) => `  ${flag.padEnd(width)}  ${summary}${fallback === undefined ? '' : ` (default ${fallback})`} [${env}]`),
    `  ${'--config FILE'.padEnd(width)}  a YAML file with these settings, names with _ [DAVIT_CONFIG]`,
    `  ${'--print-config'.padEnd(width)}  show every setting and where it comes from, then exit`,
  ].join('\n')
}
