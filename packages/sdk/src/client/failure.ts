import { DavitError } from '#contract/error.ts'
import { fromErrorBody } from '#contract/error-body.ts'
import { MAX_RETRY_AFTER_MS, parseRetryAfter } from './backoff.ts'
import { aborted, type Deadline } from './deadline.ts'

/** A failure, and whether the same request may do better a little later. */
export interface Failure {
  readonly error: DavitError
  /** `never`: the answer stands. `if-safe`: it may have been done already. `always`: it was certainly not done. */
  readonly again: 'never' | 'if-safe' | 'always'
  readonly afterMs?: number | undefined
}

const PASSING = new Set([502, 503, 504])

const again = (status: number): Failure['again'] => (status === 429 ? 'always' : PASSING.has(status) ? 'if-safe' : 'never')

/** An answer that says no, as the server's own error. */
export const refusal = async (response: Response): Promise<Failure> => {
  const text = await response.text()
  const error = fromErrorBody(response.status, parseJson(text).value)
  const afterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now())
  return { error, again: afterMs !== undefined && afterMs > MAX_RETRY_AFTER_MS ? 'never' : again(response.status), afterMs }
}

/** JSON, or why not. */
export const parseJson = (text: string): { readonly value?: unknown; readonly error?: unknown } => {
  try {
    const value: unknown = JSON.parse(text)
    return { value }
  } catch (error) {
    return { error }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'it does not accept the connection',
  EHOSTUNREACH: 'there is no route to it',
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const inner = error.cause instanceof Error ? error.cause : error
  const code = 'code' in inner ? inner.code : undefined
  return (typeof code === 'string' && REASONS[code]) || inner.message || error.message
}

export interface Where {
  readonly endpoint: string
  readonly what: string
  readonly caller: AbortSignal | undefined
  readonly limit: Deadline
  readonly timeoutMs: number
}

/** What was thrown on the way, in Davit's words: ours as it is, else aborted, out of time, or unreachable. */
export const thrown = (cause: unknown, { endpoint, what, caller, limit, timeoutMs }: Where): Failure => {
  if (cause instanceof DavitError) return { error: cause, again: 'never' }
  if (limit.expired()) return { error: new DavitError('timeout', `${what} on ${endpoint} was not answered within ${timeoutMs} ms`, { cause }), again: 'never' }
  if (caller?.aborted) return { error: aborted(caller), again: 'never' }
  const error = new DavitError('unreachable', `cannot reach ${endpoint}: ${reasonOf(cause)}`, { hint: 'start one with: davit server', cause })
  return { error, again: 'if-safe' }
}
