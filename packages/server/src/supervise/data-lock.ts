import { join } from 'node:path'
import { DavitError } from 'davit/contract'
import { tryLock } from './lock-file.ts'
import { makeFolder } from './open-folder.ts'

/** The right to use a data folder alone. Released by `await using`, `release()`, or the death of the process. */
export interface DataLock extends AsyncDisposable {
  readonly path: string
  /** Tells a second server where this one answers. */
  setUrl(url: string): Promise<void>
  release(): Promise<void>
}

export interface DataLockOptions {
  /** File name of the lock. Default `server.lock`. */
  readonly name?: string
  /** What uses the folder, for the message. Default `Davit server`. */
  readonly what?: string
}

/**
 * One server per data folder. Makes the folder when it is not there.
 * Throws `conflict`, with pid and URL of the holder, while another live process has it. A lock left by a killed one is taken over.
 */
export const lockDataFolder = async (dir: string, { name = 'server.lock', what = 'Davit server' }: DataLockOptions = {}): Promise<DataLock> => {
  await makeFolder(dir)
  const attempt = await tryLock(join(dir, name))
  if ('holder' in attempt) {
    const { pid, url } = attempt.holder
    const where = url === undefined ? '' : ` at ${url}`
    throw new DavitError('conflict', `Another ${what} (pid ${pid})${where} uses the data folder ${dir}.`, {
      hint: url === undefined ? `Stop process ${pid}, or choose another data folder.` : `Use ${url}, stop process ${pid}, or choose another data folder.`,
    })
  }
  const { path, setUrl, release } = attempt.lock
  return { path, setUrl, release, [Symbol.asyncDispose]: release }
}
