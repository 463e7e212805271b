import { randomUUID } from 'node:crypto'
import { DavitError } from 'davit/contract'
import { calculateJwkThumbprint, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { SigningKeyRow } from '#store/signing-keys.ts'
import type { Repos } from '#store/store.ts'
import { LIFETIME_S } from './lifetimes.ts'

/** Encryption at rest, for one place. */
export interface Sealer {
  seal(project: string, name: string, value: string): Buffer
  open(project: string, name: string, sealed: Buffer): string
}

const ALGORITHM = 'ES256'
/** What our access tokens are called in their header, so that no other token of ours passes for one. */
const ACCESS_TYPE = 'at+jwt'
const AUDIENCE = 'davit'
/** Another server may have made a key: the list is read again after this long, and for a key that is not in it. */
const LOOK_AGAIN_MS = 60_000
const UNKNOWN_KEY_MS = 2_000
const RENEW_MS = 30 * 86_400_000

/** Where a private key is sealed to. No project has an empty name. */
export const keyPlace = (kid: string): readonly [string, string] => ['', `signing key ${kid}`]

const refused = (cause?: unknown): DavitError => new DavitError('unauthenticated', 'the access token is not valid, or its time is over', { cause })

export interface SigningDeps {
  readonly keys: Repos['signingKeys']
  readonly sealer: Sealer
  readonly now: () => Date
}

/** Tokens that are signed here and can be checked by anybody; the keys lie in the database, so all servers on it sign and accept the same. */
export const signing = ({ keys, sealer, now }: SigningDeps) => {
  let known: { readonly rows: readonly SigningKeyRow[]; readonly at: number } | undefined

  const load = async (maxAgeMs: number): Promise<readonly SigningKeyRow[]> => {
    if (!known || now().getTime() - known.at >= maxAgeMs) known = { rows: await keys.list(), at: now().getTime() }
    return known.rows
  }

  const make = async (): Promise<SigningKeyRow> => {
    const pair = await generateKeyPair(ALGORITHM, { extractable: true })
    const publicJwk = await exportJWK(pair.publicKey)
    const kid = await calculateJwkThumbprint(publicJwk)
    const [project, name] = keyPlace(kid)
    const sealed = sealer.seal(project, name, JSON.stringify(await exportJWK(pair.privateKey)))
    const row = await keys.insert({ kid, publicJwk: { ...publicJwk, kid, alg: ALGORITHM, use: 'sig' }, sealed })
    known = undefined
    return row
  }

  /** The newest that still signs; a new one when there is none, or it is old. */
  const current = async (): Promise<SigningKeyRow> => {
    const newest = (await load(LOOK_AGAIN_MS)).find(({ retired }) => retired === null)
    return newest && now().getTime() - newest.created.getTime() < RENEW_MS ? newest : rotate()
  }

  const rotate = async (): Promise<SigningKeyRow> => {
    const row = await make()
    await keys.retireOthers(row.kid)
    await keys.sweep(LIFETIME_S.access * 2)
    return row
  }

  const publicKey = async (kid: string | undefined) => {
    const find = (rows: readonly SigningKeyRow[]) => rows.find((row) => row.kid === kid)
    const row = find(await load(LOOK_AGAIN_MS)) ?? find(await load(UNKNOWN_KEY_MS))
    if (!row) throw refused()
    return importJWK(row.public_jwk as JWK, ALGORITHM) // as `make` wrote it
  }

  const sign = async (
    payload: JWTPayload,
    { issuer, audience, ttlS, type }: { issuer: string; audience: string; ttlS: number; type: string },
  ): Promise<string> => {
    const { kid, sealed } = await current()
    const [project, name] = keyPlace(kid)
    const key = await importJWK(JSON.parse(sealer.open(project, name, sealed)) as JWK, ALGORITHM) // as `make` wrote it
    const at = Math.floor(now().getTime() / 1000)
    return new SignJWT(payload)
      .setProtectedHeader({ alg: ALGORITHM, kid, typ: type })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(at)
      .setExpirationTime(at + ttlS)
      .setJti(randomUUID())
      .sign(key)
  }

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
      const { payload } = await jwtVerify(token, ({ kid }) => publicKey(kid), {
        audience: AUDIENCE,
        algorithms: [ALGORITHM],
        typ: ACCESS_TYPE,
        currentDate: now(),
      }).catch((error: unknown) => {
        throw refused(error)
      })
      if (typeof payload['sid'] !== 'string') throw refused()
      return payload['sid']
    },

    /** For everybody who wants to check our signatures. */
    jwks: async (): Promise<{ readonly keys: readonly Record<string, unknown>[] }> => {
      await current()
      return { keys: (await load(LOOK_AGAIN_MS)).map(({ public_jwk }) => public_jwk) }
    },

    /**
     * Throws `invalid` when the keys in the database were encrypted by another server's key: what one server signs all of them must be
     * able to sign, and every replica would otherwise make tokens that fail elsewhere.
     */
    async assertUsable(): Promise<void> {
      const { kid, sealed } = await current()
      try {
        sealer.open(...keyPlace(kid), sealed)
      } catch (cause) {
        throw new DavitError('invalid', 'the keys in this database were encrypted with a key that this server does not have', {
          hint: 'give all servers on a database the same secrets_key_file, secrets_key_command or DAVIT_SECRETS_KEY',
          cause,
        })
      }
    },

    /** From now on a new key signs; what the others signed stays good until its time is over. */
    rotate: async (): Promise<string> => (await rotate()).kid,
  }
}
export type Signing = ReturnType<typeof signing>
