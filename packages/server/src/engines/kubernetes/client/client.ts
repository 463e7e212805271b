import { setTimeout as sleep } from 'node:timers/promises'
import { type Dispatcher, request as send } from 'undici'
import type { KubeCall, KubeClient } from '../cluster.ts'
import { serverClock } from './clock.ts'
import type { Credential, Credentials } from './credentials.ts'
import { type Deadline, deadline, raced } from './deadline.ts'
import { KubeError, kubeErrorOfText } from './kube-error.ts'
import { type PoolName, pools } from './pools.ts'
import { afterFailure, afterStep, type Tried, UNTRIED } from './retry.ts'
import { tooLate, troubleOf } from './trouble.ts'

type Answer = Dispatcher.ResponseData

const DEFAULT_MS = 15_000
const USER_AGENT = 'davit'

const pathOf = ({ path, query = {} }: KubeCall): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
  return search.size === 0 ? path : `${path}?${search.toString()}`
}

function partsOf({ method, body, contentType }: KubeCall, { headers }: Credential) {
  const type = contentType ?? (method === 'PATCH' ? 'application/apply-patch+yaml' : 'application/json')
  return {
    method,
    headers: { accept: 'application/json', 'user-agent': USER_AGENT, ...headers, ...(body !== undefined && { 'content-type': type }) },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  }
}

/** The answer, unless it is a no: that is thrown. */
async function accepted(answer: Answer): Promise<Answer> {
  const { statusCode, headers, body } = answer
  if (statusCode < 300) return answer
  const after = headers['retry-after']
  throw kubeErrorOfText(await body.text(), statusCode, typeof after === 'string' ? after : undefined)
}

const isJson = ({ headers }: Answer): boolean => String(headers['content-type'] ?? '').includes('json')

/** A body's bytes until it ends or the caller wants no more. */
async function* bytesOf(body: Answer['body'], limit: Deadline, explain: (error: unknown) => Error): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk
  } catch (error) {
    if (!limit.signal.aborted) throw explain(error)
  } finally {
    limit.clear()
    body.on('error', () => undefined).destroy()
  }
}

export interface KubeClientDeps {
  readonly server: string
  readonly credentials: Credentials
  /** From 0 to 1, for the length of pauses. */
  readonly random?: () => number
}

const limited = (server: string, { signal, method, path, timeoutMs = DEFAULT_MS }: KubeCall): Deadline =>
  deadline(signal, timeoutMs, () => tooLate({ server }, `answer ${method} ${path}`, timeoutMs))

interface Sending {
  readonly call: KubeCall
  readonly pool: PoolName
  readonly limit: Deadline
  readonly idleMs: number
}

/**
 * Speaks HTTP/1.1 with one API server. Every call ends: by its answer, its timeout or its signal. Credentials that are refused are
 * renewed once, reads on a broken connection repeated once, and a server that asks for patience gets a little.
 */
export function kubeClient({ server, credentials, random = Math.random }: KubeClientDeps): KubeClient {
  const connections = pools()
  const clock = serverClock(Date.now)

  /** What to do after a failed try, done; throws where nothing can be. */
  async function recover(error: unknown, credential: Credential, { call, limit, tried }: Sending & { readonly tried: Tried }): Promise<Tried> {
    if (limit.signal.aborted) throw limit.signal.reason
    const step = afterFailure(error, { method: call.method, tried, random: random() })
    if (step.do === 'throw') throw error instanceof KubeError ? error : troubleOf(error, credential.endpoint)
    if (step.do === 'renew' && !(await raced(limit.signal, credentials.renew(credential)))) throw error
    if (step.do === 'wait') await raced(limit.signal, sleep(step.ms))
    return afterStep(tried, step)
  }

  /** Sends, and again where that is right. `take` makes of the answer what the caller wants. */
  async function perform<T>(sending: Sending, take: (answer: Answer, credential: Credential) => T | Promise<T>): Promise<T> {
    const { call, pool, limit, idleMs } = sending
    for (let tried = UNTRIED; ; ) {
      const credential = await raced(limit.signal, credentials.current())
      const dispatcher = connections.of(pool, credential)
      const options = { ...partsOf(call, credential), dispatcher, signal: limit.signal, headersTimeout: 0, bodyTimeout: idleMs }
      try {
        const answer = await send(`${credential.endpoint.server}${pathOf(call)}`, options)
        clock.heard(answer.headers['date'])
        return await take(await accepted(answer), credential)
      } catch (error) {
        if (limit.late()) connections.suspect(pool, dispatcher, call.timeoutMs ?? DEFAULT_MS)
        tried = await recover(error, credential, { ...sending, tried })
      }
    }
  }

  return {
    server,
    async request<T>(call: KubeCall): Promise<T> {
      const limit = limited(server, call)
      try {
        // What the API answers is what its types say: the one place where that is believed.
        return await perform({ call, pool: 'requests', limit, idleMs: 0 }, (answer) => (isJson(answer) ? answer.body.json() : answer.body.text()) as Promise<T>)
      } finally {
        limit.clear()
      }
    },
    async stream(call) {
      const limit = limited(server, call)
      const idleMs = call.idleMs ?? 0
      const explain = (error: unknown, credential: Credential): Error =>
        error instanceof Error && 'code' in error && error.code === 'UND_ERR_BODY_TIMEOUT'
          ? tooLate({ server }, `send anything for ${call.path}`, idleMs)
          : troubleOf(error, credential.endpoint)
      const pool = call.query?.['watch'] ? 'watches' : 'logs'
      try {
        const bytes = await perform({ call, pool, limit, idleMs }, ({ body }, credential) => bytesOf(body, limit, (error) => explain(error, credential)))
        limit.disarm()
        return bytes
      } catch (error) {
        limit.clear()
        throw error
      }
    },
    aheadMs: clock.aheadMs,
    onLate: connections.onSuspect,
    close: connections.close,
  }
}
