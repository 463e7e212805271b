import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { DavitError } from 'davit/contract'
import type { Running } from '#supervise/keep-running.ts'
import type { Log } from '#supervise/log.ts'
import { capLog, logTail } from '#supervise/log-tail.ts'
import type { Binaries } from './binaries.ts'
import { type Launcher, launch } from './launcher.ts'
import { PORT, type PostgresPaths } from './paths.ts'
import { untilReady } from './ready.ts'
import { stopPostmaster } from './stale.ts'

/** What differs from PostgreSQL's defaults. fsync and full_page_writes stay on: an acknowledged row survives everything. */
const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: String(PORT),
  shared_buffers: '64MB',
  max_connections: '60',
  jit: 'off', // compiles longer than our small queries run
  timezone: 'UTC',
  log_timezone: 'UTC',
  cluster_name: 'davit',
  // Statements and rows may hold users' values; a log is not the place for them.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
} as const satisfies Record<string, string>

/** Arguments of `postgres`. Pure. */
export const postmasterArgs = ({ data, socket }: PostgresPaths): readonly string[] => {
  const settings = { ...SETTINGS, unix_socket_directories: socket }
  return ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

export interface Postmaster extends Running {
  readonly pid: number
}

export interface StartPostmaster {
  readonly paths: PostgresPaths
  readonly binaries: Binaries
  readonly launcher: Launcher
  readonly log: Log
  readonly signal: AbortSignal
}

const LOG_LIMIT = 16 * 1024 * 1024
const LOG_CHECK = 10 * 60_000

/** Starts one postmaster and waits until it answers. Throws `unavailable` with its last words when it ends before that. */
export const startPostmaster = async ({ paths, binaries, launcher, log, signal }: StartPostmaster): Promise<Postmaster> => {
  await capLog(paths.log, LOG_LIMIT)
  const output = await open(paths.log, 'a', 0o640)
  const child = launch({ program: join(binaries.bin, 'postgres'), args: postmasterArgs(paths), deathSignal: 'INT' }, launcher, output.fd)
  await output.close()
  const cap = setInterval(() => void capLog(paths.log, LOG_LIMIT).catch(() => undefined), LOG_CHECK)
  cap.unref()
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, by) => resolve(by === null ? `exit code ${code}` : `ended by ${by}`))
  }).finally(() => clearInterval(cap))
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await stopPostmaster(child.pid)
    await ended
  }
  try {
    const early = await untilReady({ socket: paths.socket, ended, log, signal })
    if (early === undefined) return { pid: child.pid ?? 0, ended, stop }
    const words = (await logTail(paths.log, 5)).join('\n')
    throw new DavitError('unavailable', `PostgreSQL ${binaries.version} did not start (${early}): ${words}`, { hint: `Its log is ${paths.log}.` })
  } catch (error) {
    await stop()
    throw error
  }
}
