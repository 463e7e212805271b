import { createHmac, randomBytes } from 'node:crypto'
import { DavitError, type ProjectRole } from 'davit/contract'
import type { Store } from '#store/store.ts'
import type { Grant } from '#store/tokens.ts'
import type { BackOff } from './back-off.ts'
import { mergeRoles } from './claims.ts'
import type { Identity, Proof } from './identity.ts'
import { identityCache } from './identity-cache.ts'
import { verifyPassword } from './password.ts'
import type { Provider } from './provider.ts'
import { provision } from './provision.ts'
import { hashOf, PREFIX } from './secret-text.ts'
import type { Signing } from './signing.ts'

/** What a request shows. */
export interface Credentials {
  /** The header as it came. */
  readonly authorization: string | undefined
  /** The cookie of a browser's login. */
  readonly cookie: string | undefined
  readonly address: string
}

export interface IdentifyDeps {
  readonly store: Store
  readonly signing: Signing
  readonly provider: Provider | undefined
  readonly backOff: BackOff
  /** Which ways are open. Tokens pass as passwords too, for clients that know only those. */
  readonly ways: { readonly basic: boolean; readonly bearer: boolean }
  readonly now: () => Date
}

const refused = (message = 'the credentials are not valid, or their time is over'): DavitError =>
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
    ...(expires && { expires }),
  }
}

/** `user:password` of a Basic header; undefined: it is none. */
const parseBasic = (text: string): readonly [string, string] | undefined => {
  const decoded = Buffer.from(text, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon < 1 ? undefined : [decoded.slice(0, colon), decoded.slice(colon + 1)]
}

/** Who sends a request: every way of proving it ends here. Throws `unauthenticated`, or `rate_limited` for who guesses. */
export const identify = (deps: IdentifyDeps) => {
  const { store, signing, provider, backOff, ways, now } = deps
  const cache = identityCache(now)
  const digestKey = randomBytes(32)

  const byToken = async (token: string, { address, user }: { address: string; user?: string }): Promise<Identity> => {
    const grant = await store.tokens.grantOf(hashOf(token))
    if (!grant || grant.token === null || (user !== undefined && user !== grant.name)) throw refused()
    await Promise.all([store.tokens.used(grant.token, address), store.users.seen(grant.name)])
    return identityOf(grant, { kind: 'token', token: grant.token })
  }

  const byPassword = async (user: string, password: string, address: string): Promise<Identity> => {
    const login = { user: user.slice(0, 128), address }
    await backOff.begin(login)
    const account = await store.users.find(user)
    if (!(await verifyPassword(password, account?.password))) {
      await store.audit.write({ by: { name: login.user, address }, verb: 'login.refused', project: '', entity: 'user', entityId: login.user })
      throw refused('user or password is wrong')
    }
    await backOff.succeeded(login)
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

  const ofLogin = async (user: string, secret: string, address: string): Promise<Identity> => {
    if (secret.startsWith(PREFIX.token)) return byToken(secret, { address, user })
    if (ways.basic) return byPassword(user, secret, address)
    throw refused('this server takes no passwords: use a token')
  }

  const byHeader = async (authorization: string, address: string): Promise<Identity> => {
    const [, scheme = '', text = ''] = authorization.match(/^(\w+) +(\S+)$/) ?? []
    if (scheme.toLowerCase() === 'basic') {
      const [user, password] = parseBasic(text) ?? []
      if (user === undefined || password === undefined) throw refused()
      return ofLogin(user, password, address)
    }
    if (scheme.toLowerCase() !== 'bearer') throw refused()
    if (!ways.bearer) throw refused('this server takes no bearer tokens: send user and token as user and password')
    if (text.startsWith(PREFIX.token)) return byToken(text, { address })
    return signing.isOurs(text) ? bySession(await signing.sessionOf(text), 'client', address) : byProvider(text, address)
  }

  const look = ({ authorization, cookie, address }: Credentials): Promise<Identity> => {
    if (authorization !== undefined) return byHeader(authorization, address)
    return bySession(hashOf(cookie ?? '').toString('base64url'), 'browser', address)
  }

  return {
    /** Answers from a short memory where the same was shown a moment ago. */
    async of(credentials: Credentials): Promise<Identity> {
      const { authorization, cookie, address } = credentials
      // An empty scheme is what clients send that have no token: the same as none.
      const header = authorization?.trim().replace(/^(bearer|basic)$/i, '') || undefined
      if (header === undefined && cookie === undefined) throw refused('this server wants to know who you are')
      const key = createHmac('sha256', digestKey)
        .update(JSON.stringify([header ?? '', header === undefined ? cookie : '']))
        .digest('base64')
      return cache.get(key, () => look({ authorization: header, cookie, address }))
    },
    /** A name with its password or token, as forms and programs send them. */
    ofLogin,
    /** Something changed about who may what: nothing is remembered any more. */
    forget: cache.clear,
  }
}
export type Identify = ReturnType<typeof identify>
