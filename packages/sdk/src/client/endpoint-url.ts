import { DavitError } from '#contract/error.ts'

const DEFAULT_ENDPOINT = 'http://127.0.0.1:8080'

/** The one place that looks at the environment; a browser has none. Empty counts as absent. */
const fromEnvironment = (...names: readonly string[]): string | undefined => {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  return names.map((name) => process?.env?.[name]).find((value) => value !== undefined && value !== '')
}

const refuse = (endpoint: string, why: string): DavitError =>
  new DavitError('invalid', `endpoint ${endpoint} ${why}`, { path: 'endpoint', hint: `write it as ${DEFAULT_ENDPOINT}` })

/** The server's base URL, without a slash at the end: the given one, else DAVIT_ENDPOINT, else DHCORE_ENDPOINT, else this machine's port 8080. */
export const resolveEndpoint = (given?: string): string => {
  const endpoint = given ?? fromEnvironment('DAVIT_ENDPOINT', 'DHCORE_ENDPOINT') ?? DEFAULT_ENDPOINT
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw refuse(endpoint, 'is not an http:// or https:// URL')
  if (url.username !== '' || url.password !== '') throw refuse(`${url.protocol}//${url.host}`, 'holds a user or password; give a token instead')
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** The bearer token: the given one (empty text: none), else DAVIT_TOKEN, else DHCORE_ACCESS_TOKEN. */
export const resolveToken = (given?: string): string | undefined => (given ?? fromEnvironment('DAVIT_TOKEN', 'DHCORE_ACCESS_TOKEN')) || undefined
