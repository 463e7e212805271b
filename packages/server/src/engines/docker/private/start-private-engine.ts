import { chmod, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { keepRunning, type Running } from '#supervise/keep-running.ts'
import { withLock } from '#supervise/lock-file.ts'
import type { Log } from '#supervise/log.ts'
import { makeFolder } from '#supervise/open-folder.ts'
import type { Pool } from './address-pool.ts'
import { startContainerd } from './containerd.ts'
import { type Dockerd, startDockerd } from './dockerd.ts'
import { destroyEngine, type EngineContext, endEngine } from './engine-end.ts'
import { enginePrograms } from './engine-programs.ts'
import { withPool } from './own-pool.ts'
import { type EnginePaths, enginePaths } from './paths.ts'

export interface PrivateEngineOptions {
  /** The engine's own folder; made when it is not there. */
  readonly dir: string
  /** Where an engine is unpacked when none is installed. */
  readonly cacheDir: string
  readonly log: Log
  /** Aborted: a start under way ends, a running engine stops as by `stop()`. */
  readonly signal?: AbortSignal | undefined
  /** Told in sentences for a person, while an engine is fetched. */
  readonly progress?: ((message: string) => void) | undefined
  /** Default: installed programs, else unpacked ones. */
  readonly programs?: 'system' | 'unpacked' | undefined
  /** More for the daemon's environment, which is else clean: HTTP_PROXY and the like. */
  readonly env?: Readonly<Record<string, string>>
  /** Where the machine's containerd has its socket, if it has one. Default `/run/containerd/containerd.sock`. */
  readonly systemContainerd?: string
}

export interface PrivateEngine extends AsyncDisposable {
  readonly socketPath: string
  /** Of dockerd now; another one after a crash. */
  readonly pid: number
  /** True: it was running already. */
  readonly adopted: boolean
  /**
   * Ends the daemon. Without running containers nothing is left but the folder; running ones go on without a daemon (the next start finds
   * them), and so do their mounts and links.
   */
  stop(): Promise<void>
  /** Ends the daemon and every container, and removes the folder. Throws `internal` naming what is left, if anything. */
  destroy(): Promise<void>
}

interface Engine extends Running {
  readonly dockerd: Dockerd
}

const SYSTEM_CONTAINERD = '/run/containerd/containerd.sock'

const prepare = async (paths: EnginePaths, options: PrivateEngineOptions): Promise<Omit<EngineContext, 'pool'>> => {
  const programs = await enginePrograms(options)
  await makeFolder(paths.dir)
  await chmod(paths.dir, 0o700)
  await mkdir(paths.run, { recursive: true, mode: 0o700 })
  return { paths, programs: { ...programs, env: { ...options.env, ...programs.env } }, log: options.log }
}

/** Two processes that start the same engine at once: the second adopts what the first started. */
const starter = (context: EngineContext, systemSocket: string) => {
  const startBoth = async (signal: AbortSignal): Promise<Engine> => {
    const containerd = await startContainerd({ ...context, systemSocket })
    const dockerd = await startDockerd({ ...context, containerd, signal })
    const ended = containerd ? Promise.race([dockerd.ended, containerd.ended]) : dockerd.ended
    return { dockerd, ended, stop: () => endEngine(context, dockerd) }
  }
  return (signal: AbortSignal): Promise<Engine> => withLock(join(context.paths.dir, 'start.lock'), () => startBoth(signal), { signal })
}

/**
 * A dockerd of our own, for machines where no engine answers: adopts the one of this folder or starts it, and starts it again when it ends
 * by itself. Needs Linux and root. Throws `unavailable` with what to install when there is no way.
 */
export const startPrivateEngine = async (options: PrivateEngineOptions): Promise<PrivateEngine> => {
  const { log, signal, systemContainerd = SYSTEM_CONTAINERD } = options
  const paths = enginePaths(resolve(options.dir))
  const prepared = await prepare(paths, options)
  const first = async (pool: Pool) => {
    const context = { ...prepared, pool }
    return { context, kept: await keepRunning({ name: 'the private engine', log, start: starter(context, systemContainerd), signal }) }
  }
  const { context, kept } = await withPool(paths, first, signal)
  const { adopted, identity } = kept.current().dockerd
  log.info({ socket: paths.socket, pid: identity.pid, adopted, programs: context.programs.origin }, 'the private engine answers')
  return {
    socketPath: paths.socket,
    adopted,
    get pid() {
      return kept.current().dockerd.identity.pid
    },
    stop: kept.stop,
    destroy: () => destroyEngine(context, kept.stop),
    [Symbol.asyncDispose]: kept.stop,
  }
}
