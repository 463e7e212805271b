import { inspect } from 'node:util'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Readable } from 'node:stream'
import Docker from 'dockerode'

/** Where the engine listens. */
export type Endpoint =
  | { readonly socketPath: string }
  | {
      readonly host: string
      readonly port: number
      readonly protocol?: 'http' | 'https'
      readonly ca?: string
      readonly cert?: string
      readonly key?: string
    }

/** How long a call may stay unanswered, in milliseconds: a stopped daemon must never hang its callers. */
export const PATIENCE = { read: 15_000, change: 60_000, start: 120_000 } as const satisfies Record<string, number>

/** The engine did not answer in time: nothing is known. */
export class EngineSilentError extends Error {
  override readonly name = 'EngineSilentError'
}

export interface DockerClient {
  readonly docker: Docker
  readonly endpoint: Endpoint
  /** Runs one call; throws `EngineSilentError` when it is not done in time, and gives up its connection. */
  within<T>(kind: keyof typeof PATIENCE, act: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Opens a response that goes on (logs, events). The wait for its beginning is limited, the rest is the signal's. */
  stream(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Readable>
  close(): void
}

/** `unix:///run/docker.sock`, for people. */
export const endpointText = (endpoint: Endpoint): string =>
  'socketPath' in endpoint ? `unix://${endpoint.socketPath}` : `${endpoint.protocol ?? 'http'}://${endpoint.host}:${endpoint.port}`

/** An engine on this machine: its processes and ports are ours to look at. */
export const isLocal = (endpoint: Endpoint): boolean => 'socketPath' in endpoint

/**
 * docker-modem prints the options of each request in full depth, also when nobody listens: with a living agent and a signal in them
 * that costs more than the call itself (100 ms of CPU a run). These two are printed as a word.
 */
const terse = <T extends object>(part: T): T => Object.defineProperty(part, inspect.custom, { value: () => part.constructor.name })

export function dockerClient(endpoint: Endpoint): DockerClient {
  const agent = terse('protocol' in endpoint && endpoint.protocol === 'https' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true }))
  // Everything that dockerode would else take from DOCKER_* variables is named, so that they cannot lead it elsewhere.
  const plain = { socketPath: undefined, host: undefined, port: undefined, protocol: 'http', ca: undefined, cert: undefined, key: undefined } as const
  const options = { ...plain, timeout: undefined, version: undefined, ...endpoint, agent }
  const docker = new Docker(options)
  const within: DockerClient['within'] = async (kind, act) => {
    const given = new AbortController()
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      const error = new EngineSilentError(`the engine at ${endpointText(endpoint)} did not answer within ${PATIENCE[kind] / 1000} s`)
      late.reject(error)
      given.abort(error)
    }, PATIENCE[kind])
    try {
      return await Promise.race([act(terse(given.signal)), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    docker,
    endpoint,
    within,
    stream: (path, query, signal) => within('read', (late) => openStream(docker, { path, query, signal, late })),
    close: () => agent.destroy(),
  }
}

interface StreamRequest {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly late: AbortSignal
}

/** dockerode reads a log that it does not follow into memory, so that one is asked for here. */
function openStream(docker: Docker, { path, query, signal, late }: StreamRequest): Promise<Readable> {
  const abort = new AbortController()
  const giveUp = (): void => abort.abort(signal.reason)
  const opened = Promise.withResolvers<Readable>()
  if (signal.aborted) return Promise.reject(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  late.addEventListener('abort', giveUp, { once: true })
  const request = {
    path: `${path}?`,
    method: 'GET',
    isStream: true,
    options: { ...query },
    statusCodes: { 200: true, 404: 'no such container' },
    abortSignal: terse(abort.signal),
  }
  docker.modem.dial(request, (error: unknown, response: unknown) => {
    late.removeEventListener('abort', giveUp)
    if (error) opened.reject(error)
    else {
      const readable = response as Readable // dockerode's callback is untyped; isStream makes it the response itself
      readable.on('error', () => undefined) // a reader gets it from its own iteration; without one it must not end the process
      readable.once('close', () => signal.removeEventListener('abort', giveUp))
      opened.resolve(readable)
    }
  })
  return opened.promise
}

/** The HTTP status that the engine answered with; undefined: it did not answer. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined

/** The engine's own words, without dockerode's frame around them. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const json: unknown = 'json' in error ? error.json : undefined
  if (json && typeof json === 'object' && 'message' in json && typeof json.message === 'string') return json.message.trim()
  return error.message.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim()
}

/** What a call finds missing is `undefined`; every other failure stays one. */
export const orMissing = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (statusOf(error) === 404) return undefined
    throw error
  })
