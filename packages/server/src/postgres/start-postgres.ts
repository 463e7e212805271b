import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { DavitError } from 'davit/contract'
import { lockDataFolder } from '#supervise/data-lock.ts'
import { keepRunning } from '#supervise/keep-running.ts'
import type { Log } from '#supervise/log.ts'
import { type Account, closedFolder, makeFolder } from '#supervise/open-folder.ts'
import { databaseAccount } from './account.ts'
import { type Binaries, type BinariesChoice, findBinaries } from './binaries.ts'
import { clusterMajor, createCluster, USER } from './create-cluster.ts'
import { findSetpriv, type Launcher } from './launcher.ts'
import { makeSocketFolder, PORT, type PostgresPaths, postgresPaths } from './paths.ts'
import { startPostmaster } from './postmaster.ts'
import { DATABASE } from './ready.ts'
import { clearStale } from './stale.ts'

export interface PostgresOptions {
  /** The database's own folder; made when it is not there. As root, every folder above it must be passable for the database's account. */
  readonly dir: string
  /** Where the bundled binaries are unpacked. */
  readonly cacheDir: string
  readonly log: Log
  /** Aborted: a start under way ends, a running database stops. */
  readonly signal?: AbortSignal | undefined
  /** Which binaries. Default: the system's, else the bundled ones. */
  readonly binaries?: BinariesChoice | undefined
}

/** What `pg` needs to connect. */
export interface PostgresConnection {
  /** Folder of the Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

export interface EmbeddedPostgres extends AsyncDisposable {
  readonly connection: PostgresConnection
  /** As `15.18`. */
  readonly version: string
  /** Pid of the postmaster now; another one after a crash. */
  pid(): number
  /** Ends it in order: no connection is left, a checkpoint is written. */
  stop(): Promise<void>
  /** Settles when it has ended for good. A crash does not count: it is started again. */
  readonly exited: Promise<void>
}

const refuseClosed = async (dir: string, account: Account): Promise<void> => {
  const closed = await closedFolder(dir, account)
  if (closed === undefined) return
  throw new DavitError('unavailable', `The database runs as user ${account.name}, who may not pass the folder ${closed} on the way to ${dir}.`, {
    hint: `Run: chmod o+x ${closed} — or choose another data folder, or start the server as an ordinary user.`,
  })
}

interface Prepared {
  readonly paths: PostgresPaths
  readonly binaries: Binaries
  readonly launcher: Launcher
}

const prepare = async (dir: string, { cacheDir, log, signal, binaries: choice }: PostgresOptions): Promise<Prepared> => {
  const paths = postgresPaths(dir, tmpdir())
  const account = await databaseAccount(paths.data)
  if (account) await refuseClosed(dir, account)
  const major = await clusterMajor(paths)
  const binaries = await findBinaries({ choice, major, account, cacheDir, log, signal })
  const launcher: Launcher = { account, setpriv: await findSetpriv() }
  await makeSocketFolder(paths.socket, account)
  if (major === undefined) await createCluster({ paths, binaries, launcher, log, signal })
  return { paths, binaries, launcher }
}

/**
 * PostgreSQL under our own supervisor: its data in `dir`, reached by a Unix socket only, ended with us even when we are killed, started
 * again when it ends by itself. Throws `unavailable` with what to do when it cannot run here, `conflict` when another supervisor has `dir`.
 */
export const startPostgres = async (options: PostgresOptions): Promise<EmbeddedPostgres> => {
  const { log, signal } = options
  const dir = resolve(options.dir)
  await makeFolder(dir)
  const lock = await lockDataFolder(dir, { name: 'postgres.lock', what: 'PostgreSQL supervisor' })
  try {
    const prepared = await prepare(dir, options)
    const { paths, binaries } = prepared
    const start = async (over: AbortSignal) => {
      await clearStale(paths, log)
      return startPostmaster({ ...prepared, log, signal: over })
    }
    const kept = await keepRunning({ name: 'PostgreSQL', log, start, signal })
    const exited = kept.stopped.then(lock.release)
    const stop = async (): Promise<void> => {
      await kept.stop()
      await exited
    }
    log.debug({ version: binaries.version, bin: binaries.bin, pid: kept.current().pid }, 'PostgreSQL answers')
    const connection = { host: paths.socket, port: PORT, database: DATABASE, user: USER }
    return { connection, version: binaries.version, pid: () => kept.current().pid, stop, exited, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await lock.release()
    throw error
  }
}
