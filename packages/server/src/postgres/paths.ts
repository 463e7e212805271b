import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DavitError } from 'davit/contract'
import type { Account } from '#supervise/open-folder.ts'

/** Only names the socket file: there is no TCP. */
export const PORT = 5432

export interface PostgresPaths {
  readonly dir: string
  /** PostgreSQL's own data folder. */
  readonly data: string
  /** Folder of the socket. */
  readonly socket: string
  readonly log: string
}

/** Longest path of a Unix socket in bytes, without the final NUL. */
const socketLimit = (platform: NodeJS.Platform): number => (platform === 'linux' ? 107 : 103)

/** PostgreSQL reads the setting as a list, so commas, quotes and blanks would need quoting: such a path counts as unfit, too. */
const fitsSocket = (folder: string, platform: NodeJS.Platform): boolean =>
  Buffer.byteLength(`${folder}/.s.PGSQL.${PORT}`) <= socketLimit(platform) && /^[\w./@+=:~-]+$/.test(folder)

/** Where things lie. The socket moves to a short folder under `temporary` when the path inside `dir` would be too long. Pure. */
export const postgresPaths = (dir: string, temporary: string, platform: NodeJS.Platform = process.platform): PostgresPaths => {
  const inside = join(dir, 'run')
  const name = `davit-pg-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`
  const short = [join(temporary, name), join('/tmp', name)].find((folder) => fitsSocket(folder, platform)) ?? inside
  return { dir, data: join(dir, 'data'), socket: fitsSocket(inside, platform) ? inside : short, log: join(dir, 'postgres.log') }
}

/** The socket lets in whoever reaches it, so its folder must be ours alone: one that a stranger made beforehand is refused. */
export const makeSocketFolder = async (folder: string, account: Account | undefined): Promise<void> => {
  const made = await mkdir(folder, { mode: 0o700 }).then(
    () => true,
    () => false,
  )
  const found = await lstat(folder)
  const owners = [account?.uid ?? process.getuid?.() ?? found.uid, process.getuid?.() ?? found.uid]
  if (!made && (!found.isDirectory() || !owners.includes(found.uid)))
    throw new DavitError('unavailable', `${folder} exists and belongs to somebody else (user ${found.uid}).`, {
      hint: 'Remove it; the database puts its socket there.',
    })
  if (account) await chown(folder, account.uid, account.gid)
  await chmod(folder, 0o700)
}
