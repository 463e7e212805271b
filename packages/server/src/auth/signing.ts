import { randomUUID } from 'node:crypto'
import { DavitError } from 'davit/contract'
import { decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { LIFETIME_S } from './lifetimes.ts'
import { ALGORITHM, notValid, type SigningDeps, signingKeys } from './signing-keys.ts'

/** What our access tokens are called in their header, so that no other token of ours passes for one. */
const ACCESS_TYPE = 'at+jwt'
const AUDIENCE = 'davit'

interface SignOptions {
  readonly issuer: string
  readonly audience: string
  readonly ttlS: number
  readonly type: string
}

type Ring = ReturnType<typeof signingKeys>

const signer =
  (ring: Ring, now: () => Date) =>
  async (payload: JWTPayload, { issuer, audience, ttlS, type }: SignOptions): Promise<string> => {
    const current = await ring.current()
    const key = await ring.privateKey(current)
    const at = Math.floor(now().getTime() / 1000)
    return new SignJWT(payload)
      .setProtectedHeader({ alg: ALGORITHM, kid: current.kid, typ: type })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(at)
      .setExpirationTime(at + ttlS)
      .setJti(randomUUID())
      .sign(key)
  }

/** Tokens that are signed here and can be checked by anybody; the keys lie in the database, so all servers on it sign and accept the same. */
export const signing = (deps: SigningDeps) => {
  const { now } = deps
  const ring = signingKeys(deps)
  const sign = signer(ring, now)
  return {
    /** An access token for a login. */
    access: (session: string, { subject, issuer, ttlS, client }: { subject: string; issuer: string; ttlS: number; client: string }): Promise<string> =>
      sign({ sub: subject, sid: session, client_id: client, preferred_username: subject }, { issuer, audience: AUDIENCE, ttlS, type: ACCESS_TYPE }),

    /** What tells a client who logged in; it opens nothing. */
    identity: ({ subject, issuer, client, nonce }: { subject: string; issuer: string; client: string; nonce: string | undefined }): Promise<string> =>
      sign(
        { sub: subject, preferred_username: subject, ...(nonce !== undefined && { nonce }) },
        { issuer, audience: client, ttlS: LIFETIME_S.access, type: 'JWT' },
      ),

    /** Whether a text calls itself an access token of ours. */
    isOurs: (token: string): boolean => {
      try {
        return decodeProtectedHeader(token).typ === ACCESS_TYPE
      } catch {
        return false
      }
    },

    /** The login that an access token of ours stands for. Throws `unauthenticated`. */
    async sessionOf(token: string): Promise<string> {
      const { payload } = await jwtVerify(token, ({ kid }) => ring.publicKey(kid), {
        audience: AUDIENCE,
        algorithms: [ALGORITHM],
        typ: ACCESS_TYPE,
        currentDate: now(),
      }).catch((error: unknown) => {
        throw notValid(error)
      })
      if (typeof payload['sid'] !== 'string') throw notValid()
      return payload['sid']
    },

    /** For everybody who wants to check our signatures. */
    jwks: async (): Promise<{ readonly keys: readonly Record<string, unknown>[] }> => {
      await ring.current()
      return { keys: (await ring.all()).map(({ public_jwk }) => public_jwk) }
    },

    /**
     * Throws `invalid` when the keys in the database were encrypted by another server's key: what one server signs all of them must be
     * able to sign, and every replica would otherwise make tokens that fail elsewhere.
     */
    async assertUsable(): Promise<void> {
      const current = await ring.current()
      try {
        await ring.privateKey(current)
      } catch (cause) {
        throw new DavitError('invalid', 'the keys in this database were encrypted with a key that this server does not have', {
          hint: 'give all servers on a database the same secrets_key_file, secrets_key_command or DAVIT_SECRETS_KEY',
          cause,
        })
      }
    },

    /** From now on a new key signs; what the others signed stays good until its time is over. */
    rotate: async (): Promise<string> => (await ring.rotate()).kid,
  }
}
export type Signing = ReturnType<typeof signing>
