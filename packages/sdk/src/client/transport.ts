import type * as z from 'zod'
import { DavitError } from '#contract/error.ts'
import { ErrorBody, fromErrorBody } from '#contract/error-body.ts'
import { toInvalid } from '#contract/validate.ts'
import { backoff } from './backoff.ts'
import { aborted, deadline, sleep } from './deadline.ts'
import { type Failure, parseJson, refusal, thrown } from './failure.ts'
import { type Line, splitLines } from './lines.ts'
import type { Fetch } from './options.ts'

/** A request with its path filled in. */
export interface Sent<T> {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
  readonly returns: z.ZodType<T>
  /**
   * Makes sending it again safe: asked about a refusal of a later try, it finds out whether an earlier try did the work.
   * Undefined: the refusal stands.
   */
  readonly recover?: ((error: DavitError) => Promise<{ readonly value: T } | undefined>) | undefined
}

export interface Transport {
  readonly endpoint: string
  readonly fetch: Fetch
  readonly retries: number
  /** Sends, again where that is safe and may help, and parses the answer. Throws nothing but DavitError. */
  readonly send: <T>(sent: Sent<T>) => Promise<T>
  /** Sends once and gives the lines of the answer as they come. A connection that is cut throws `unreachable`. */
  readonly stream: <T>(sent: Sent<T>) => AsyncGenerator<T, void>
}

export interface TransportSettings {
  readonly endpoint: string
  /** The header that says who calls. */
  readonly authorization: string | undefined
  readonly fetch: Fetch
  readonly timeoutMs: number
  readonly retries: number
}

/** A stream that says nothing for so long is taken for dead and asked for again. */
const STREAM_IDLE_MS = 300_000

type Outcome<T> = { readonly value: T } | Failure

const parseAnswer = <T>({ method, path, returns }: Sent<T>, answer: unknown): T => {
  const parsed = returns.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new DavitError('bad_answer', `${method} ${path} was answered in an unknown form: ${toInvalid(parsed.error).message}`, {
    hint: 'client and server may be of different versions',
  })
}

const readJson = async (endpoint: string, { method, path }: Sent<unknown>, response: Response): Promise<unknown> => {
  const text = await response.text()
  if (text === '') return undefined
  const { value, error } = parseJson(text)
  if (error === undefined) return value
  throw new DavitError('bad_answer', `${method} ${path} was not answered with JSON`, { hint: `is ${endpoint} a Davit server?`, cause: error })
}

const cut = (endpoint: string): DavitError => new DavitError('unreachable', `the stream from ${endpoint} was cut`)

const parseLine = <T>(endpoint: string, sent: Sent<T>, line: Line): T => {
  const { value, error } = parseJson(line.text)
  if (error !== undefined)
    throw line.whole ? new DavitError('bad_answer', `${sent.method} ${sent.path} sent a line that is not JSON`, { cause: error }) : cut(endpoint)
  // A failure after the 200 was sent can only be told as a line of the stream.
  const refused = ErrorBody.safeParse(value)
  if (refused.success) throw fromErrorBody(refused.data.status, refused.data)
  return parseAnswer(sent, value)
}

const requestOf = (authorization: string | undefined, { method, body }: Sent<unknown>, signal: AbortSignal): RequestInit => ({
  method,
  headers: {
    accept: 'application/json',
    ...(authorization !== undefined && { authorization }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  },
  ...(body !== undefined && { body: JSON.stringify(body) }),
  signal,
})

/** HTTP for the resources: time limits, retries, errors and parsing in one place. */
export const transport = (settings: TransportSettings): Transport => {
  const { endpoint, authorization, fetch, timeoutMs, retries } = settings
  const whereOf = (sent: Sent<unknown>, limit: ReturnType<typeof deadline>) => ({
    endpoint,
    what: `${sent.method} ${sent.path}`,
    caller: sent.signal,
    limit,
    timeoutMs,
  })

  const once = async <T>(sent: Sent<T>): Promise<Outcome<T>> => {
    const limit = deadline(sent.signal, timeoutMs)
    try {
      const response = await fetch(endpoint + sent.path, requestOf(authorization, sent, limit.signal))
      return response.ok ? { value: parseAnswer(sent, await readJson(endpoint, sent, response)) } : await refusal(response)
    } catch (cause) {
      return thrown(cause, whereOf(sent, limit))
    } finally {
      limit.close()
    }
  }

  const send = async <T>(sent: Sent<T>): Promise<T> => {
    const safe = sent.method !== 'POST' || sent.recover !== undefined
    for (let attempt = 0; ; attempt++) {
      if (sent.signal?.aborted) throw aborted(sent.signal)
      const outcome = await once(sent)
      if ('value' in outcome) return outcome.value
      const recovered = attempt > 0 ? await sent.recover?.(outcome.error) : undefined
      if (recovered) return recovered.value
      const again = outcome.again === 'always' || (outcome.again === 'if-safe' && safe)
      if (!again || attempt >= retries) throw outcome.error
      await sleep(outcome.afterMs ?? backoff(attempt), sent.signal)
    }
  }

  async function* stream<T>(sent: Sent<T>): AsyncGenerator<T, void> {
    const limit = deadline(sent.signal, timeoutMs)
    try {
      const response = await fetch(endpoint + sent.path, requestOf(authorization, sent, limit.signal))
      if (!response.ok) throw (await refusal(response)).error
      if (!response.body) return
      limit.restart(STREAM_IDLE_MS)
      for await (const line of splitLines(response.body)) {
        limit.pause() // the time that our caller takes is not the server's silence
        yield parseLine(endpoint, sent, line)
        limit.restart(STREAM_IDLE_MS)
      }
    } catch (cause) {
      throw thrown(cause, whereOf(sent, limit)).error
    } finally {
      limit.close()
    }
  }

  return { endpoint, fetch, retries, send, stream }
}
