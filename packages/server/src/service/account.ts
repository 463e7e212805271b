import type { Account } from 'davit/contract'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'

export const accountService = ({ store, accessChanged }: Pick<ServiceDeps, 'store' | 'accessChanged'>) => ({
  async get(caller: Caller): Promise<Account> {
    assertMay(caller, 'account.read')
    const { name, admin, proof, memberships, scope, expires } = caller
    return {
      name,
      admin,
      proof: proof.kind,
      ...('token' in proof && proof.token !== undefined && { token: proof.token }),
      ...(expires && { expires: expires.toISOString() }),
      memberships: Object.fromEntries(memberships),
      ...(scope && { scope: { ...(scope.projects && { projects: [...scope.projects] }), ...(scope.verbs && { verbs: [...scope.verbs] }) } }),
    }
  },

  /** Ends the login that the call was made with: the browser's, the client's, or the token itself. A password stays. */
  async logout(caller: Caller): Promise<void> {
    assertMay(caller, 'account.read')
    const { proof } = caller
    await store.transact(async (inside) => {
      if ('session' in proof) await inside.sessions.close(proof.session)
      else if (proof.kind === 'token') await inside.tokens.delete(caller.name, proof.token)
      else return
      await inside.audit.write({ by: caller, verb: 'login.close', project: '', entity: 'user', entityId: caller.name, detail: { kind: proof.kind } })
    })
    accessChanged()
  },
})
