import { readFile, stat } from 'node:fs/promises'
import { DavitError } from 'davit/contract'
import type { Account } from '#supervise/open-folder.ts'

/** Reads the format of /etc/passwd. */
export const parsePasswd = (text: string): readonly Account[] =>
  text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))

const NOBODY: Account = { name: 'nobody', uid: 65_534, gid: 65_534 }

export interface ChooseAccount {
  /** Our own user; undefined on systems without users. */
  readonly uid: number | undefined
  readonly accounts: readonly Account[]
  /** Who owns the existing data, if there is any. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined
  /** Where the data lies, for messages. */
  readonly data: string
}

/**
 * Which account the database runs as; undefined: as we do. PostgreSQL refuses to run as root, so root lends it the account that owns the
 * data already, else `postgres`, else `nobody`. Pure. Throws `unavailable` when nobody could read the existing data.
 */
export const chooseAccount = ({ uid, accounts, owner, data }: ChooseAccount): Account | undefined => {
  const named = (id: number): string => accounts.find((account) => account.uid === id)?.name ?? String(id)
  const preferred = accounts.find((account) => account.name === 'postgres') ?? accounts.find((account) => account.name === 'nobody') ?? NOBODY
  if (uid === 0 && owner === undefined) return preferred
  if (uid === 0 && owner?.uid === 0)
    throw new DavitError('unavailable', `The database folder ${data} belongs to root, and PostgreSQL does not run as root.`, {
      hint: `Run: chown -R ${preferred.name} ${data}`,
    })
  if (uid === 0 && owner) return { name: named(owner.uid), ...owner }
  if (owner !== undefined && uid !== undefined && owner.uid !== uid)
    throw new DavitError('unavailable', `The database folder ${data} belongs to user ${named(owner.uid)}, but this server runs as ${named(uid)}.`, {
      hint: `Start the server as ${named(owner.uid)}, or run as root: chown -R ${named(uid)} ${data}`,
    })
  return undefined
}

/** `chooseAccount` for this process and this folder. */
export const databaseAccount = async (data: string): Promise<Account | undefined> => {
  const owner = await stat(data).catch(() => undefined)
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '')
  return chooseAccount({ uid: process.getuid?.(), accounts: parsePasswd(passwd), owner: owner && { uid: owner.uid, gid: owner.gid }, data })
}
