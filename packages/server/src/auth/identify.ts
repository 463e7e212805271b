import { hash, randomBytes } from 'node:crypto'
import { DavitError } from 'davit/contract'
import type { Identity } from './identity.ts'
import { identityCache } from './identity-cache.ts'
import { type ProofDeps, proofs, refused } from './proofs.ts'
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

export interface IdentifyDeps extends ProofDeps {
  readonly signing: Signing
  /** Which ways are open. Tokens pass as passwords too, for clients that know only those. */
  readonly ways: { readonly basic: boolean; readonly bearer: boolean }
  readonly now: () => Date
}

/** `user:password` of a Basic header; undefined: it is none. */
const parseBasic = (text: string): readonly [string, string] | undefined => {
  const decoded = Buffer.from(text, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon < 1 ? undefined : [decoded.slice(0, colon), decoded.slice(colon + 1)]
}

/**
 * A password that was refused is `forbidden` (403), as the reference has it: at a 401 official clients renew their tokens, which there are none of,
 * and SDK ≥ 0.15 then says only that.
 */
const notToBeRenewed = (error: unknown): never => {
  if (!(error instanceof DavitError) || error.code !== 'unauthenticated') throw error
  throw new DavitError('forbidden', error.message, { ...(error.hint !== undefined && { hint: error.hint }), cause: error })
}

/** Who sends a request: every way of proving it ends here. Throws `unauthenticated`, `forbidden` for passwords, or `rate_limited` for who guesses. */
export const identify = (deps: IdentifyDeps) => {
  const { signing, ways, now } = deps
  const { byToken, provePassword, byPassword, bySession, byProvider } = proofs(deps)
  const cache = identityCache(now)
  // What was shown is kept as a digest that nobody else can make: a dump of the memory holds no credentials. In one call, since each request needs it.
  const salt = randomBytes(32).toString('base64')
  const digestOf = (shown: string): string => hash('sha256', salt + shown, 'base64')

  const ofLogin = async (user: string, secret: string, address: string): Promise<Identity> => {
    if (secret.startsWith(PREFIX.token)) return byToken(secret, { address, user })
    if (ways.basic) return byPassword(user, secret, address)
    throw refused('this server takes no passwords: use a token')
  }

  const byBasic = async (text: string, address: string): Promise<Identity> => {
    const [user, password] = parseBasic(text) ?? []
    if (user === undefined || password === undefined) throw refused()
    return ofLogin(user, password, address)
  }

  const byHeader = async (authorization: string, address: string): Promise<Identity> => {
    const [, scheme = '', text = ''] = authorization.match(/^(\w+) +(\S+)$/) ?? []
    if (scheme.toLowerCase() === 'basic') return byBasic(text, address).catch(notToBeRenewed)
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
      const key = digestOf(JSON.stringify([header ?? '', header === undefined ? cookie : '']))
      return cache.get(key, () => look({ authorization: header, cookie, address }))
    },
    /** A name with its password or token, as forms and programs send them. */
    ofLogin,
    /** That somebody who is known knows their password too. */
    provePassword,
    /** Something changed about who may what: nothing is remembered any more. */
    forget: cache.clear,
  }
}
export type Identify = ReturnType<typeof identify>
