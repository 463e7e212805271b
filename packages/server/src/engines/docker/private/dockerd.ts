import { spawn } from 'node:child_process'
import { open, rm } from 'node:fs/promises'
import { DavitError } from 'davit/contract'
import { capLog, logTail } from '#supervise/log-tail.ts'
import { identify, isAlive } from '#supervise/process-identity.ts'
import { sleep, waitUntil } from '#supervise/wait-until.ts'
import type { Pool } from './address-pool.ts'
import { containerdFiles, runningContainerd } from './containerd.ts'
import { type Daemon, daemonOf, endOf, LOG_LIMIT } from './daemon.ts'
import { pingEngine } from './engine-call.ts'
import type { EnginePrograms } from './engine-programs.ts'
import type { EnginePaths } from './paths.ts'

export interface DockerdOptions {
  readonly paths: EnginePaths
  readonly programs: EnginePrograms
  readonly pool: Pool
  readonly signal: AbortSignal
  /** A containerd that runs beside it; undefined: dockerd starts its own. */
  readonly containerd: (Daemon & { readonly socket: string }) | undefined
}

/** By this argument a dockerd is known to be the one of a folder. */
export const dataFlag = ({ data }: EnginePaths): string => `--data-root=${data}`

/** Arguments of dockerd. It leaves the machine's netfilter and forwarding alone and makes no default bridge: ports are published by its proxy. Pure. */
export const dockerdArgs = ({ paths, pool, containerd }: { paths: EnginePaths; pool: Pool; containerd: string | undefined }): readonly string[] => [
  dataFlag(paths),
  `--exec-root=${paths.exec}`,
  `--pidfile=${paths.pidFile}`,
  `--host=unix://${paths.socket}`,
  '--live-restore',
  '--bridge=none',
  '--iptables=false',
  '--ip6tables=false',
  '--ip-forward=false',
  `--default-address-pool=base=${pool}.0.0/16,size=24`,
  '--log-driver=json-file',
  '--log-opt=max-size=10m',
  '--log-opt=max-file=3',
  ...(containerd === undefined ? [] : [`--containerd=${containerd}`]),
]

/** dockerd believes a pid file whose pid is worn by a zombie or by a stranger, and refuses to start or waits 15 s. */
export const clearStalePids = async (paths: EnginePaths): Promise<void> => {
  if ((await daemonOf(paths.pidFile, dataFlag(paths))) === undefined) await rm(paths.pidFile, { force: true })
  if ((await runningContainerd(paths)) === undefined) await rm(containerdFiles(paths).pidFile, { force: true })
}

export interface Dockerd extends Daemon {
  /** True: it was running already. */
  readonly adopted: boolean
}

const READY_LIMIT = 60_000

const adopt = async ({ paths }: DockerdOptions): Promise<Dockerd | undefined> => {
  const identity = await daemonOf(paths.pidFile, dataFlag(paths))
  if (identity === undefined) return undefined
  const answers = await waitUntil(async () => !isAlive(identity) || (await pingEngine({ socketPath: paths.socket }, 2_000)) === undefined, {
    timeout: 15_000,
    every: 100,
  })
  return answers && isAlive(identity) ? { identity, adopted: true, ended: endOf(identity) } : undefined
}

/** A daemon that outlives us: containers go on while we are away, and the next start adopts it. */
const launch = async ({ paths, programs, pool, containerd }: DockerdOptions) => {
  await capLog(paths.log, LOG_LIMIT)
  const output = await open(paths.log, 'a', 0o640)
  const child = spawn(programs.dockerd, dockerdArgs({ paths, pool, containerd: containerd?.socket }), {
    cwd: '/',
    env: programs.env,
    stdio: ['ignore', output.fd, output.fd],
    detached: true,
  })
  child.unref()
  await output.close()
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, by) => resolve(by === null ? `exit code ${code}` : `ended by ${by}`))
  })
  return { child, ended }
}

/** Adopts the daemon of this folder, or starts it and waits until it answers. Throws `unavailable` with its last words. */
export const startDockerd = async (options: DockerdOptions): Promise<Dockerd> => {
  const { paths, signal } = options
  const adopted = await adopt(options)
  if (adopted) return adopted
  await clearStalePids(paths)
  const { child, ended } = await launch(options)
  let end: string | undefined
  void Promise.race([ended, options.containerd?.ended ?? ended]).then((how) => {
    end = how
  })
  const limit = performance.now() + READY_LIMIT
  try {
    while (end === undefined && performance.now() < limit) {
      const identity = child.pid === undefined ? undefined : identify(child.pid)
      if (identity && (await pingEngine({ socketPath: paths.socket }, 5_000, signal)) === undefined) return { identity, adopted: false, ended }
      await sleep(25, signal)
    }
  } catch (error) {
    child.kill('SIGTERM')
    await ended
    throw error
  }
  child.kill('SIGTERM')
  const words = (await logTail(paths.log, 3)).join('\n')
  throw new DavitError('unavailable', `The private container engine did not start (${end ?? `no answer within ${READY_LIMIT / 1000} s`}): ${words}`, {
    hint: `Its log is ${paths.log}.`,
  })
}
