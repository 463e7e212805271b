import { join } from 'node:path'
import { DavitError } from 'davit/contract'
import { type EngineAddress, pingEngine } from './engine-call.ts'

export interface FindEngineOptions {
  /** DOCKER_HOST. Set: only that engine will do. */
  readonly dockerHost?: string | undefined
  /** DOCKER_TLS_VERIFY. */
  readonly tlsVerify?: string | undefined
  /** XDG_RUNTIME_DIR. */
  readonly runtimeDir?: string | undefined
  /** Home folder of the user. */
  readonly home?: string | undefined
  readonly uid?: number | undefined
  /** Milliseconds that an engine has to answer. Default 2 000. */
  readonly timeout?: number
  readonly signal?: AbortSignal | undefined
}

export type FoundEngine = EngineAddress & {
  /** Where the address comes from: `DOCKER_HOST`, or the path of the socket. */
  readonly origin: string
}

export interface EngineSearch {
  readonly engine: FoundEngine | undefined
  /** Every place that was asked and did not answer, with the reason. */
  readonly tried: readonly { readonly where: string; readonly why: string }[]
}

const invalid = (message: string, hint: string): DavitError => new DavitError('invalid', message, { path: 'DOCKER_HOST', hint })

/** Reads DOCKER_HOST. Throws `invalid`, with what to write instead, for what we cannot speak. */
export const parseDockerHost = (value: string, tlsVerify?: string): EngineAddress => {
  if (value.startsWith('unix://') && value.length > 7) return { socketPath: value.slice(7) }
  if (value.startsWith('ssh://'))
    throw invalid(
      `DOCKER_HOST=${value}: engines over SSH are not supported.`,
      `Forward the socket: ssh -N -L /tmp/docker.sock:/var/run/docker.sock ${value.slice(6)} — then DOCKER_HOST=unix:///tmp/docker.sock`,
    )
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !['tcp:', 'http:'].includes(url.protocol) || url.hostname === '')
    throw invalid(`DOCKER_HOST=${value} is no engine address.`, 'Write unix:///path/to/docker.sock or tcp://host:2375.')
  if (tlsVerify || url.port === '2376')
    throw invalid(
      `DOCKER_HOST=${value}: engines over TLS are not supported yet.`,
      'Forward the socket over SSH and use DOCKER_HOST=unix:///path/to/docker.sock.',
    )
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 2375 : Number(url.port) }
}

/** Sockets of engines in the order we ask them: Docker of the system, of the user, rootless; then Podman of the user and of the system. Pure. */
export const usualSockets = ({ home, runtimeDir, uid }: FindEngineOptions): readonly string[] => {
  const runtime = runtimeDir || (uid === undefined || uid === 0 ? undefined : `/run/user/${uid}`)
  return [
    '/var/run/docker.sock',
    ...(home ? [join(home, '.docker/run/docker.sock')] : []),
    ...(runtime ? [join(runtime, 'docker.sock'), join(runtime, 'podman/podman.sock')] : []),
    '/run/podman/podman.sock',
  ]
}

/**
 * The engine to use: DOCKER_HOST, else the first usual socket that answers. None: `engine` is undefined and `tried` says what was asked.
 * Throws `unavailable` when DOCKER_HOST is set and does not answer (another engine than the one asked for would be a surprise),
 * `invalid` when it cannot be understood.
 */
export const findEngine = async (options: FindEngineOptions): Promise<EngineSearch> => {
  const { dockerHost, tlsVerify, timeout = 2_000, signal } = options
  if (dockerHost) {
    const address = parseDockerHost(dockerHost, tlsVerify)
    const why = await pingEngine(address, timeout, signal)
    if (why === undefined) return { engine: { ...address, origin: 'DOCKER_HOST' }, tried: [] }
    throw new DavitError('unavailable', `No engine answers at DOCKER_HOST=${dockerHost} (${why}).`, { hint: 'Start that engine, or unset DOCKER_HOST.' })
  }
  const tried: { where: string; why: string }[] = []
  for (const socketPath of usualSockets(options)) {
    const why = await pingEngine({ socketPath }, timeout, signal)
    if (why === undefined) return { engine: { socketPath, origin: socketPath }, tried }
    tried.push({ where: socketPath, why })
  }
  return { engine: undefined, tried }
}
