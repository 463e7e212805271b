import { DavitError, type ProjectRole } from 'davit/contract'
import type { Store } from '#store/store.ts'
import type { Grant } from '#store/tokens.ts'
import type { BackOff } from './back-off.ts'
import { mergeRoles } from './claims.ts'
import type { Identity, Proof } from './identity.ts'
import { verifyPassword } from './password.ts'
import type { Provider } from './provider.ts'
import { provision } from './provision.ts'
import { hashOf } from './secret-text.ts'

export interface ProofDeps {
  readonly store: Store
  readonly provider: Provider | undefined
  readonly backOff: BackOff
}

export const refused = (message = 'the credentials are not valid, or their time is over'): DavitError =>
  new DavitError('unauthenticated', message, { hint: 'log in: davit login' })

const identityOf = (grant: Grant, proof: Proof): Identity => {
  const { name, admin, roles, claims, projects, verbs, expires } = grant
  const said: Readonly<Record<string, ProjectRole>> = claims?.roles ?? {}
  return {
    name,
    admin: admin || (claims?.admin ?? false),
    memberships: mergeRoles(roles, said),
    ...((projects || verbs) && { scope: { ...(projects && { projects }), ...(verbs && { verbs }) } }),
    proof,
    ...(claims && { claims }),
    ...(expires && { expires }),
  }
}

/** The ways of proving who one is; each throws `unauthenticated`, passwords `rate_limited` too. */
export const proofs = ({ store, provider, backOff }: ProofDeps) => {
  const byToken = async (token: string, { address, user }: { address: string; user?: string }): Promise<Identity> => {
    const grant = await store.tokens.grantOf(hashOf(token))
    if (!grant || grant.token === null || (user !== undefined && user !== grant.name)) throw refused()
    await Promise.all([store.tokens.used(grant.token, address), store.users.seen(grant.name)])
    return identityOf(grant, { kind: 'token', token: grant.token })
  }

  const provePassword = async ({ user, password, address }: { user: string; password: string; address: string }): Promise<void> => {
    const login = { user: user.slice(0, 128), address }
    await backOff.begin(login)
    const account = await store.users.find(user)
    const right = await verifyPassword(password, account?.password).catch(async (error: unknown) => {
      await backOff.notTried(login)
      throw error
    })
    if (!right) {
      await store.audit.write({
        by: { name: login.user, address, proof: { kind: 'password' } },
        verb: 'login.refused',
        project: '',
        entity: 'user',
        entityId: login.user,
      })
      throw refused('user or password is wrong')
    }
    await backOff.succeeded(login)
  }

  const byPassword = async (user: string, password: string, address: string): Promise<Identity> => {
    await provePassword({ user, password, address })
    const grant = await store.tokens.grantOfAccount(user)
    if (!grant) throw refused()
    await store.users.seen(user)
    return identityOf(grant, { kind: 'password' })
  }

  const bySession = async (id: string, kind: 'browser' | 'client', address: string): Promise<Identity> => {
    const grant = await store.tokens.grantOfSession(id, kind)
    if (!grant) throw refused()
    if (grant.token !== null) await store.tokens.used(grant.token, address)
    await store.users.seen(grant.name)
    return identityOf(grant, { kind: kind === 'browser' ? 'browser' : 'session', session: id, ...(grant.token !== null && { token: grant.token }) })
  }

  const byProvider = async (jwt: string, address: string): Promise<Identity> => {
    if (!provider) throw refused()
    const who = await provider.verify(jwt)
    const { name } = await provision(store, who, address)
    const grant = await store.tokens.grantOfAccount(name)
    if (!grant) throw refused()
    await store.users.seen(name)
    return identityOf({ ...grant, claims: { admin: who.admin, roles: who.roles } }, { kind: 'provider' })
  }

  return { byToken, provePassword, byPassword, bySession, byProvider }
}
