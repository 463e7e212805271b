import { type EnvVar, EnvName } from 'davit/contract'
import { invalid } from '#runner/invalid.ts'

type Env = Readonly<Record<string, string | undefined>>

/** `K=V`, or `K` alone for the caller's own value. `where` is put before messages. */
export const parseEnv = (line: string, { env, where }: { env: Env; where: string }): EnvVar => {
  const at = line.indexOf('=')
  const name = at === -1 ? line : line.slice(0, at)
  if (!EnvName.safeParse(name).success || name === '')
    throw invalid(`${where}: "${name}" is no name of a variable`, { hint: 'letters, digits and . _ -, not beginning with a digit' })
  const value = at === -1 ? env[name] : line.slice(at + 1)
  if (value === undefined) throw invalid(`${where}: ${name} has no value here`, { hint: `write ${name}=VALUE, or set ${name} before` })
  return { name, value }
}

/** The lines of an env file: empty ones and those that begin with # are left out; nothing is unquoted, as Docker does it. */
export const parseEnvFile = (content: string, { env, file }: { env: Env; file: string }): readonly EnvVar[] =>
  content
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trimStart(), where: `${file}:${index + 1}` }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, where }) => parseEnv(line, { env, where }))

/** Later ones win, each name once, in the order of first mention. */
export const mergeEnv = (...lists: readonly (readonly EnvVar[])[]): readonly EnvVar[] => [
  ...new Map(lists.flat().map((variable) => [variable.name, variable])).values(),
]
