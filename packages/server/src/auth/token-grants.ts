import { createHash, timingSafeEqual } from 'node:crypto'
import { DavitError } from 'davit/contract'
import type { Store } from '#store/store.ts'
import type { Identify } from './identify.ts'
import type { Identity } from './identity.ts'
import { LIFETIME_S } from './lifetimes.ts'
import { CLIENT_ID, type Logins, type Tokens } from './logins.ts'
import type { Provider } from './provider.ts'
import { provision } from './provision.ts'
import { hashOf, PREFIX } from './secret-text.ts'
import type { Signing } from './signing.ts'

/** RFC 6749 §5.2: what clients tell failures by. */
export const OAUTH_ERRORS = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unsupported_grant_type: 400,
} as const satisfies Record<string, number>
export type OAuthError = keyof typeof OAUTH_ERRORS

export interface Refusal {
  readonly error: OAuthError
  readonly description: string
}

export interface TokenRequest {
  readonly form: Readonly<Record<string, string>>
  /** The header as it came: confidential clients may show themselves there. */
  readonly authorization: string | undefined
  readonly issuer: string
  readonly address: string
}

export interface GrantDeps {
  readonly store: Store
  readonly identify: Identify
  readonly logins: Logins
  readonly signing: Signing
  readonly provider: Provider | undefined
}

const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:'
type Answer = Promise<Tokens | Refusal>
type Grant = (request: TokenRequest, deps: GrantDeps) => Answer

const refuse = (error: OAuthError, description: string): Refusal => ({ error, description })
const notGood = (what: string): Refusal => refuse('invalid_grant', `${what} is not valid, or its time is over`)

/** All clients are public: the id names the kind of client, it proves nothing. */
const wrongClient = ({ form: { client_id: id } }: TokenRequest): Refusal | undefined => {
  if (id === undefined) return refuse('invalid_request', 'client_id is missing')
  return id === CLIENT_ID ? undefined : refuse('invalid_client', `client_id must be ${CLIENT_ID}`)
}

const verifierFits = (verifier: string, challenge: string): boolean => {
  const [made, wanted] = [createHash('sha256').update(verifier).digest(), Buffer.from(challenge, 'base64url')]
  return made.length === wanted.length && timingSafeEqual(made, wanted)
}

/** `id` and `secret` of a program, from the header or the form. */
const clientOf = ({ form, authorization }: TokenRequest): readonly [string, string] | undefined => {
  const [, text = ''] = authorization?.match(/^basic +(\S+)$/i) ?? []
  const [id = '', ...rest] = Buffer.from(text, 'base64').toString('utf8').split(':')
  // RFC 6749 §2.3.1: both are form-encoded before they are put together.
  const plain = (word: string): string => new URLSearchParams(`x=${word}`).get('x') ?? ''
  if (id !== '') return [plain(id), plain(rest.join(':'))]
  return form['client_id'] !== undefined && form['client_secret'] !== undefined ? [form['client_id'], form['client_secret']] : undefined
}

const tokenOf = ({ proof }: Identity): string | undefined => ('token' in proof ? proof.token : undefined)

const withToken = async ({ store }: GrantDeps, identity: Identity) => {
  const id = tokenOf(identity)
  return id === undefined ? undefined : await store.tokens.find(identity.name, id)
}

/** A program logs in with its name, and a token (or the password) of its account. It asks again when the time is over: no refresh token. */
const clientCredentials: Grant = async (request, deps) => {
  const [id, secret] = clientOf(request) ?? []
  if (id === undefined || secret === undefined) return refuse('invalid_client', 'client_id and client_secret are missing')
  const identity = await deps.identify.ofLogin(id, secret, request.address).catch((error: unknown) => {
    if (error instanceof DavitError && error.code === 'unauthenticated') return undefined
    throw error
  })
  if (!identity) return refuse('invalid_client', 'the credentials are not valid, or their time is over')
  const session = await deps.logins.openClient({ account: identity.name, token: await withToken(deps, identity), address: request.address }, LIFETIME_S.access)
  return deps.logins.issue(session, { ...request, withRefresh: false })
}

const refreshToken: Grant = async (request, { logins }) => {
  const wrong = wrongClient(request)
  if (wrong) return wrong
  const token = request.form['refresh_token']
  if (token === undefined) return refuse('invalid_request', 'refresh_token is missing')
  return (await logins.refresh(token, { ...request, withRefresh: true })) ?? notGood('the refresh token')
}

const authorizationCode: Grant = async (request, { logins }) => {
  const wrong = wrongClient(request)
  if (wrong) return wrong
  const { code, code_verifier: verifier, redirect_uri: redirect } = request.form
  if (code === undefined || verifier === undefined || redirect === undefined)
    return refuse('invalid_request', 'code, code_verifier and redirect_uri are needed')
  const found = await logins.redeemCode(code, request.address)
  if (!found || found.detail['redirect_uri'] !== redirect || !verifierFits(verifier, found.detail['challenge'] ?? '')) return notGood('the code')
  const openid = found.detail['scope']?.split(' ').includes('openid') ? { nonce: found.detail['nonce'] } : undefined
  return logins.issue(found.session, { ...request, withRefresh: true, openid })
}

const exchangePersonal = async (subject: string, request: TokenRequest, deps: GrantDeps): Answer => {
  const grant = subject.startsWith(PREFIX.token) ? await deps.store.tokens.grantOf(hashOf(subject)) : undefined
  if (!grant || grant.token === null) return notGood('the personal access token')
  await deps.store.tokens.used(grant.token, request.address)
  const session = await deps.logins.openClient({ account: grant.name, token: { id: grant.token, expires: grant.expires }, address: request.address })
  return deps.logins.issue(session, { ...request, withRefresh: true })
}

const exchangeAccess = async (subject: string, request: TokenRequest, { store, logins, signing, provider }: GrantDeps): Answer => {
  if (signing.isOurs(subject)) return logins.issue(await signing.sessionOf(subject), { ...request, withRefresh: false })
  if (!provider) return notGood('the access token')
  const who = await provider.verify(subject)
  const { name } = await provision(store, who, request.address)
  const session = await logins.openClient({ account: name, claims: { admin: who.admin, roles: { ...who.roles } }, address: request.address }, LIFETIME_S.access)
  return logins.issue(session, { ...request, withRefresh: false })
}

/** RFC 8693: a personal token, or an access token, for one of ours. */
const tokenExchange: Grant = async (request, deps) => {
  const wrong = wrongClient(request)
  if (wrong) return wrong
  const { subject_token: subject, subject_token_type: type } = request.form
  if (subject === undefined) return refuse('invalid_request', 'subject_token is missing')
  try {
    if (type === `${TOKEN_TYPE}pat`) return await exchangePersonal(subject, request, deps)
    if (type === `${TOKEN_TYPE}access_token` || type === `${TOKEN_TYPE}jwt`) return await exchangeAccess(subject, request, deps)
  } catch (error) {
    if (error instanceof DavitError && error.code === 'unauthenticated') return notGood('the subject token')
    throw error
  }
  return refuse('invalid_request', `subject_token_type must be ${TOKEN_TYPE}pat or ${TOKEN_TYPE}access_token`)
}

export const GRANTS = {
  authorization_code: authorizationCode,
  client_credentials: clientCredentials,
  refresh_token: refreshToken,
  'urn:ietf:params:oauth:grant-type:token-exchange': tokenExchange,
} as const satisfies Record<string, Grant>

const isGrant = (type: string): type is keyof typeof GRANTS => Object.hasOwn(GRANTS, type)

/** What `/auth/token` does: proof in, tokens out, or why not. Throws `rate_limited` for who guesses. */
export const grantTokens = async (request: TokenRequest, deps: GrantDeps): Answer => {
  const { grant_type: type } = request.form
  if (type === undefined) return refuse('invalid_request', 'grant_type is missing')
  if (!isGrant(type)) return refuse('unsupported_grant_type', `grant_type must be one of ${Object.keys(GRANTS).join(', ')}`)
  try {
    return await GRANTS[type](request, deps)
  } catch (error) {
    if (error instanceof DavitError && error.code === 'unauthenticated') return notGood('the login')
    throw error
  }
}
