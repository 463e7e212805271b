import { withoutPassword } from './password.ts'
import { type Config, FLAG_NAMES, flagOf, SETTING_NAMES, SETTINGS, type SettingName, variableOf } from './settings.ts'

const show = (value: Config[SettingName]): string => (typeof value === 'object' ? `${value.host}:${value.port}` : withoutPassword(String(value)))

/** The settings as a YAML file would have them, with where each came from. Passwords in URLs are hidden. */
export const printConfig = (config: Config, origins: Readonly<Record<SettingName, string>>): string =>
  SETTING_NAMES.map((name) =>
    config[name] === undefined || !FLAG_NAMES.includes(name) ? `# ${name}: (${origins[name]})` : `${name}: ${show(config[name])}  # ${origins[name]}`,
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
