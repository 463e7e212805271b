import { DavitError, duplicated, notFound, type PasswordChange, type User, type UserChange, type UserCreate } from 'davit/contract'
import { assertPassword, hashPassword } from '#auth/password.ts'
import type { UserRow } from '#store/users.ts'
import { assertMay, assertUnlimited, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'

const noSuchUser = (name: string): DavitError => notFound('user', `There is none of the name ${name}.`, '`davit user ls` lists them')

const lastAdmin = (name: string): DavitError => new DavitError('conflict', `${name} is the last administrator`, { hint: 'make another one first' })

const toUser = ({ name, kind, admin, password, issuer, created, last_seen: seen }: UserRow): User => ({
  name,
  kind,
  admin,
  has_password: password !== null,
  ...(issuer !== null && { provider: issuer }),
  created: created.toISOString(),
  ...(seen && { last_seen: seen.toISOString() }),
})

/** The current password, for who changes their own; guesses are counted like logins. Throws `forbidden`, or `rate_limited`. */
const assertCurrent = async (provePassword: ServiceDeps['provePassword'], { name: user, address }: Caller, current = ''): Promise<void> => {
  await provePassword({ user, password: current, address }).catch((error: unknown) => {
    if (error instanceof DavitError && error.code === 'unauthenticated') throw new DavitError('forbidden', 'the current password is wrong', { path: 'current' })
    throw error
  })
}

type UserDeps = Pick<ServiceDeps, 'store' | 'accessChanged' | 'provePassword'>

export const userService = ({ store, accessChanged, provePassword }: UserDeps) => ({
  async list(caller: Caller): Promise<User[]> {
    assertMay(caller, 'user.read')
    return (await store.users.list()).map(toUser)
  },

  async get(caller: Caller, name: string): Promise<User> {
    assertMay(caller, 'user.read')
    const row = await store.users.find(name)
    if (!row) throw noSuchUser(name)
    return toUser(row)
  },

  async create(caller: Caller, { name, kind, admin, password }: UserCreate): Promise<User> {
    assertMay(caller, 'user.write')
    if (admin || password !== undefined) assertUnlimited(caller, 'makes no administrators, and gives no passwords')
    if (password !== undefined) assertPassword(password)
    const hash = password === undefined ? undefined : await hashPassword(password)
    return store.transact(async (inside) => {
      const row = await inside.users.insert({ name, kind, admin, password: hash })
      if (!row) throw duplicated('user', name)
      await inside.audit.write({ by: caller, verb: 'user.create', project: '', entity: 'user', entityId: name, detail: { kind, admin } })
      return toUser(row)
    })
  },

  /** Whether somebody is an administrator. Throws `conflict` where none would be left. */
  async update(caller: Caller, name: string, { admin }: UserChange): Promise<User> {
    assertMay(caller, 'user.write')
    assertUnlimited(caller, 'makes no administrators')
    const user = await store.transact(async (inside) => {
      const admins = await inside.users.countAdmins()
      const old = await inside.users.find(name)
      const row = await inside.users.setAdmin(name, admin)
      if (!old || !row) throw noSuchUser(name)
      if (old.admin && !admin && admins === 1) throw lastAdmin(name)
      const detail = { before: { admin: old.admin }, after: { admin } }
      await inside.audit.write({ by: caller, verb: 'user.update', project: '', entity: 'user', entityId: name, detail })
      return toUser(row)
    })
    accessChanged()
    return user
  },

  /** One's own with the current one, if there is one; anybody else's by an administrator. All logins of that user end, tokens stay. */
  async setPassword(caller: Caller, name: string, { password, current }: PasswordChange): Promise<void> {
    const own = caller.name === name
    assertMay(caller, own ? 'account.write' : 'user.write')
    assertUnlimited(caller, 'gives no passwords')
    assertPassword(password)
    const account = await store.users.find(name)
    if (!account) throw noSuchUser(name)
    if (own && account.password !== null) await assertCurrent(provePassword, caller, current)
    // Who is locked out there must not have another way in that they made themselves.
    else if (own && account.issuer !== null)
      throw new DavitError('forbidden', `${name} logs in through the identity provider`, { hint: 'an administrator can give a password' })
    const hash = await hashPassword(password)
    await store.transact(async (inside) => {
      await inside.users.setPassword(name, hash)
      await inside.sessions.closeAll(name)
      await inside.audit.write({ by: caller, verb: 'user.password', project: '', entity: 'user', entityId: name })
    })
    accessChanged()
  },

  /** With tokens, logins and memberships, so that the name can be given to somebody else. */
  async delete(caller: Caller, name: string): Promise<void> {
    assertMay(caller, 'user.write')
    await store.transact(async (inside) => {
      const admins = await inside.users.countAdmins()
      const row = await inside.users.delete(name)
      if (!row) throw noSuchUser(name)
      if (row.admin && admins === 1) throw lastAdmin(name)
      await inside.members.forget(name)
      await inside.audit.write({
        by: caller,
        verb: 'user.delete',
        project: '',
        entity: 'user',
        entityId: name,
        detail: { before: { kind: row.kind, admin: row.admin } },
      })
    })
    accessChanged()
  },
})
