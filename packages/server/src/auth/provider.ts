import { DavitError } from 'davit/contract'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { type ClaimRules, type External, readClaims } from './claims.ts'

/** An OpenID Connect identity provider that this server believes. */
export interface ProviderSettings extends ClaimRules {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  /** Whom tokens that machines send must be meant for. */
  readonly audience: string
}

/** What has to be kept between the way there and the way back. */
export interface PendingLogin {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const SCOPE = 'openid profile email'
const TIMEOUT_S = 10

const isLocal = (url: URL): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)

const away = (cause: unknown): DavitError => new DavitError('unavailable', 'the identity provider does not answer', { hint: 'try again in a moment', cause })

/** What is wrong with a token, in jose's words; everything else means that its keys could not be had. */
const WRONG_TOKEN: readonly unknown[] = [
  'ERR_JOSE_ALG_NOT_ALLOWED',
  'ERR_JOSE_NOT_SUPPORTED',
  'ERR_JWKS_MULTIPLE_MATCHING_KEYS',
  'ERR_JWKS_NO_MATCHING_KEY',
  'ERR_JWS_INVALID',
  'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  'ERR_JWT_CLAIM_VALIDATION_FAILED',
  'ERR_JWT_EXPIRED',
  'ERR_JWT_INVALID',
]

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

/** No answer of the provider, or one that says that it is not well: not a no. */
const isAway = (error: unknown): boolean =>
  error instanceof TypeError || codeOf(error) === 'OAUTH_TIMEOUT' || (error instanceof Error && error.cause instanceof Response && error.cause.status >= 500)

/** What the provider says of itself. It is asked for its documents at the first login, and again if that failed. */
const documents = (settings: ProviderSettings) => {
  const issuer = new URL(settings.issuer)
  let discovered: Promise<client.Configuration> | undefined
  let jwks: ReturnType<typeof createRemoteJWKSet> | undefined

  const configuration = (): Promise<client.Configuration> => {
    const authentication = settings.clientSecret === undefined ? client.None() : client.ClientSecretBasic(settings.clientSecret)
    discovered ??= client
      .discovery(issuer, settings.clientId, undefined, authentication, {
        timeout: TIMEOUT_S,
        ...(isLocal(issuer) && { execute: [client.allowInsecureRequests] }),
      })
      .catch((error: unknown) => {
        discovered = undefined
        throw away(error)
      })
    return discovered
  }

  const keys = async () => {
    const { jwks_uri } = (await configuration()).serverMetadata()
    if (jwks_uri === undefined) throw new DavitError('unavailable', 'the identity provider names no keys')
    jwks ??= createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: TIMEOUT_S * 1000 })
    return jwks
  }

  return { configuration, keys }
}

/** Logins through an identity provider. */
export const provider = (settings: ProviderSettings) => {
  const { configuration, keys } = documents(settings)
  return {
    /** Where the browser has to go, and what is to be kept for its way back. */
    async begin(callback: string): Promise<PendingLogin & { readonly url: string }> {
      const pending = { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier() }
      const url = client.buildAuthorizationUrl(await configuration(), {
        redirect_uri: callback,
        scope: SCOPE,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
      })
      return { ...pending, url: url.href }
    },

    /** `url` is what the browser came back to. Throws `unauthenticated`, or `unavailable` where the provider does not answer. */
    async finish(url: URL, { state, nonce, verifier }: PendingLogin): Promise<External> {
      const tokens = await client
        .authorizationCodeGrant(await configuration(), url, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true })
        .catch((cause: unknown) => {
          if (isAway(cause)) throw away(cause)
          throw cause instanceof DavitError ? cause : new DavitError('unauthenticated', 'the identity provider did not confirm the login', { cause })
        })
      const claims = tokens.claims()
      if (!claims) throw new DavitError('unauthenticated', 'the identity provider said nothing about who logged in')
      return readClaims(claims, settings)
    },

    /** Who sends an access token of the provider. Throws `unauthenticated`, or `unavailable` where the provider does not answer. */
    async verify(token: string): Promise<External> {
      const getKey = await keys()
      const { payload } = await jwtVerify(token, getKey, {
        issuer: settings.issuer,
        audience: settings.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
      }).catch((cause: unknown) => {
        if (!WRONG_TOKEN.includes(codeOf(cause))) throw away(cause)
        throw new DavitError('unauthenticated', 'the access token is not valid, or its time is over', { cause })
      })
      return readClaims(payload, settings)
    },
  }
}
export type Provider = ReturnType<typeof provider>
