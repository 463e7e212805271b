import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { DavitError } from 'davit/contract'
import type { Log } from '#supervise/log.ts'
import type { Binaries } from './binaries.ts'
import { type Launcher, launch } from './launcher.ts'
import type { PostgresPaths } from './paths.ts'

/** The superuser's name inside the database; reaches nobody outside, as only the socket lets in. */
export const USER = 'davit'

/** Major version that made the data; undefined: there is no data yet. Throws `conflict` when something else lies there. */
export const clusterMajor = async ({ data }: PostgresPaths): Promise<number | undefined> => {
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version !== undefined) return Number.parseInt(version, 10)
  const entries = await readdir(data).catch(() => [])
  if (entries.length === 0) return undefined
  throw new DavitError('conflict', `${data} holds files but no PostgreSQL database.`, { hint: 'Move them away, or choose another data folder.' })
}

const initArgs = (data: string, locale: string): readonly string[] => [
  `--pgdata=${data}`,
  `--username=${USER}`,
  '--encoding=UTF8',
  `--locale=${locale}`,
  '--data-checksums',
  '--auth-local=trust',
  '--auth-host=reject',
]

const initdb = async (program: string, args: readonly string[], launcher: Launcher, signal: AbortSignal | undefined): Promise<string | undefined> => {
  const child = launch({ program, args, deathSignal: 'KILL' }, launcher, 'pipe')
  const abort = (): boolean => child.kill('SIGTERM') // its child ends with it; what it made so far it removes
  signal?.addEventListener('abort', abort, { once: true })
  try {
    const output = Promise.all([child.stdout, child.stderr].filter((stream) => stream !== null).map((stream) => text(stream)))
    const [code]: unknown[] = await once(child, 'close')
    return code === 0 ? undefined : (await output).join('\n').trim()
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** A rename is safe on disk only when the folder that holds the name is. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export interface CreateCluster {
  readonly paths: PostgresPaths
  readonly binaries: Binaries
  readonly launcher: Launcher
  readonly log: Log
  readonly signal?: AbortSignal | undefined
}

/** Makes the data folder: in a folder beside it, renamed when it is whole, so that a kill at any time leaves nothing half-made. */
export const createCluster = async ({ paths, binaries, launcher, log, signal }: CreateCluster): Promise<void> => {
  const half = `${paths.data}.half-`
  const leftovers = (await readdir(paths.dir)).map((name) => join(paths.dir, name)).filter((path) => path.startsWith(half))
  await Promise.all(leftovers.map((path) => rm(path, { recursive: true, force: true })))
  log.info({ version: binaries.version, folder: paths.data }, 'making a new database')
  const folder = `${half}${randomUUID().slice(0, 8)}`
  let failure: string | undefined
  try {
    // C.UTF-8 sorts by code point like C, and knows letters beyond ASCII; old systems lack it.
    for (const locale of ['C.UTF-8', 'C']) {
      await mkdir(folder, { mode: 0o700 })
      if (launcher.account) await chown(folder, launcher.account.uid, launcher.account.gid)
      failure = await initdb(join(binaries.bin, 'initdb'), initArgs(folder, locale), launcher, signal)
      signal?.throwIfAborted()
      if (failure === undefined) break
      await rm(folder, { recursive: true, force: true })
      if (!failure.includes('locale')) break
    }
    if (failure !== undefined) throw new DavitError('unavailable', `PostgreSQL ${binaries.version} could not make its database: ${failure.slice(-1_000)}`)
    await rm(paths.data, { recursive: true, force: true }) // empty: clusterMajor saw to it
    await rename(folder, paths.data)
    await syncFolder(paths.dir)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
