import { DavitError } from 'davit/contract'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import type { SigningKeyRow } from '#store/signing-keys.ts'
import type { Repos } from '#store/store.ts'
import { LIFETIME_S } from './lifetimes.ts'

/** Encryption at rest, for one place. */
export interface Sealer {
  seal(project: string, name: string, value: string): Buffer
  /** Also by a key that another server has begun to use. */
  open(project: string, name: string, sealed: Buffer): Promise<string>
}

export const ALGORITHM = 'ES256'
/** Another server may have made a key: the list is read again after this long, and for a key that is not in it. */
const LOOK_AGAIN_MS = 60_000
const UNKNOWN_KEY_MS = 2_000
const RENEW_MS = 30 * 86_400_000

/** Where a private key is sealed to. No project has an empty name. */
export const keyPlace = (kid: string): readonly [string, string] => ['', `signing key ${kid}`]

export const notValid = (cause?: unknown): DavitError => new DavitError('unauthenticated', 'the access token is not valid, or its time is over', { cause })

export interface SigningDeps {
  readonly keys: Repos['signingKeys']
  readonly sealer: Sealer
  readonly now: () => Date
}

/** The keys that sign, the same for all servers on a database. */
export const signingKeys = ({ keys, sealer, now }: SigningDeps) => {
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
    if (!row) throw notValid()
    return importJWK(row.public_jwk as JWK, ALGORITHM) // as `make` wrote it
  }

  return {
    current,
    rotate,
    publicKey,
    /** Of a key that signs. */
    privateKey: async ({ kid, sealed }: SigningKeyRow) => importJWK(JSON.parse(await sealer.open(...keyPlace(kid), sealed)) as JWK, ALGORITHM), // as `make` wrote it
    all: (): Promise<readonly SigningKeyRow[]> => load(LOOK_AGAIN_MS),
  }
}
