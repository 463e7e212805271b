import { notFound, type RefreshToken } from 'davit/contract'
import type { SessionRow } from '#store/sessions.ts'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'

const toRefreshToken = ({ id, account, token, address, created, expires }: SessionRow): RefreshToken => ({
  id,
  user: account,
  ...(token !== null && { token }),
  ...(address !== null && { ipAddress: address }),
  issuedAt: created.toISOString(),
  expiresAt: expires.toISOString(),
})

/** Logins of clients, in the words of the console: a refresh token is replaced at each use, what it stands for stays. */
export const refreshTokenService = ({ store, accessChanged }: Pick<ServiceDeps, 'store' | 'accessChanged'>) => ({
  /** One's own, newest first. */
  async list(caller: Caller): Promise<RefreshToken[]> {
    assertMay(caller, 'token.read')
    return (await store.sessions.ofClients(caller.name)).map(toRefreshToken)
  },

  /** Ends one's own login at once. */
  async delete(caller: Caller, id: string): Promise<void> {
    assertMay(caller, 'token.write')
    await store.transact(async (inside) => {
      const own = (await inside.sessions.ofClients(caller.name)).some((session) => session.id === id)
      if (!own || !(await inside.sessions.close(id))) throw notFound('token', `There is no login with the id ${id}.`)
      await inside.audit.write({ by: caller, verb: 'login.close', project: '', entity: 'user', entityId: caller.name, detail: { kind: 'client', login: id } })
    })
    accessChanged()
  },
})
