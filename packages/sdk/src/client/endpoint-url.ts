import { DavitError } from '#contract/error.ts'
import { toBase64 } from './base64.ts'
import type { DavitOptions } from './options.ts'

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

const TOKENS = ['DAVIT_TOKEN', 'DHCORE_ACCESS_TOKEN', 'DHCORE_PERSONAL_ACCESS_TOKEN'] as const

const basic = (user: string, password: string): string => `Basic ${toBase64(new TextEncoder().encode(`${user}:${password}`))}`

/** The header that says who calls: what is given, else what the environment holds, a token before a password. Empty token: none. */
export const resolveAuthorization = ({ token, login }: Pick<DavitOptions, 'token' | 'login'> = {}): string | undefined => {
  if (token !== undefined) return token === '' ? undefined : `Bearer ${token}`
  if (login) return basic(login.user, login.password)
  const found = fromEnvironment(...TOKENS)
  if (found !== undefined) return `Bearer ${found}`
  const [user, password] = [fromEnvironment('DHCORE_USER'), fromEnvironment('DHCORE_PASSWORD')]
  return user !== undefined && password !== undefined ? basic(user, password) : undefined
}
