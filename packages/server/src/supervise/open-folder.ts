import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Makes a folder and its parents with mode 755 whatever the umask is, so that a database that runs as its own user can reach it. */
export const makeFolder = async (path: string): Promise<void> => {
  const target = resolve(path)
  const first = await mkdir(target, { recursive: true, mode: 0o755 })
  if (first === undefined) return
  for (let made = target; ; made = dirname(made)) {
    await chmod(made, 0o755)
    if (made === resolve(first)) return
  }
}

/** The three permission bits of a mode that hold for this account. */
const bitsFor = ({ mode, uid, gid }: { mode: number; uid: number; gid: number }, account: Account): number => {
  if (uid === account.uid) return (mode >> 6) & 7
  return gid === account.gid ? (mode >> 3) & 7 : mode & 7
}

/** The first folder on the way to `path` (itself included) that this account may not pass; undefined when the way is open. */
export const closedFolder = async (path: string, account: Account): Promise<string | undefined> => {
  const target = resolve(path)
  const way = [target]
  for (let folder = target; folder !== dirname(folder); folder = dirname(folder)) way.unshift(dirname(folder))
  for (const folder of way) {
    if ((bitsFor(await stat(folder), account) & 1) === 0) return folder
  }
  return undefined
}
