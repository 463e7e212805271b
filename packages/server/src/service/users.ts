import { DavitError, duplicated, notFound, type PasswordChange, type User, type UserCreate } from 'davit/contract'
import { assertPassword, hashPassword, verifyPassword } from '#auth/password.ts'
import type { UserRow } from '#store/users.ts'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'

const noSuchUser = (name: string): DavitError => notFound('user', `There is none of the name ${name}.`, '`davit user ls` lists them')

const toUser = ({ name, kind, admin, password, issuer, created, last_seen: seen }: UserRow): User => ({
  name,
  kind,
  admin,
  has_password: password !== null,
  ...(issuer !== null && { provider: issuer }),
  created: created.toISOString(),
  ...(seen && { last_seen: seen.toISOString() }),
})

export const userService = ({ store, accessChanged }: Pick<ServiceDeps, 'store' | 'accessChanged'>) => ({
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
    if (password !== undefined) assertPassword(password)
    const hash = password === undefined ? undefined : await hashPassword(password)
    return store.transact(async (inside) => {
      const row = await inside.users.insert({ name, kind, admin, password: hash })
      if (!row) throw duplicated('user', name)
      await inside.audit.write({ by: caller, verb: 'user.create', project: '', entity: 'user', entityId: name, detail: { kind, admin } })
      return toUser(row)
    })
  },

  /** One's own with the current one; anybody's by an administrator. All logins of that user end, tokens stay. */
  async setPassword(caller: Caller, name: string, { password, current }: PasswordChange): Promise<void> {
    assertMay(caller, caller.name === name ? 'account.write' : 'user.write')
    assertPassword(password)
    const account = await store.users.find(name)
    if (!account) throw noSuchUser(name)
    if (!caller.admin && !(await verifyPassword(current ?? '', account.password)))
      throw new DavitError('forbidden', 'the current password is wrong', { path: 'current' })
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
      if (row.admin && admins === 1) throw new DavitError('conflict', `${name} is the last administrator`, { hint: 'make another one first' })
      await inside.members.forget(name)
      await inside.audit.write({ by: caller, verb: 'user.delete', project: '', entity: 'user', entityId: name })
    })
    accessChanged()
  },
})
