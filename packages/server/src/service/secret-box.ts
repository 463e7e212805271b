import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { DavitError } from 'davit/contract'
import type { Sealer } from '#auth/signing-keys.ts'
import type { KeyRing, RingKey } from './key-ring.ts'

const NONCE = 12
const TAG = 16
const KEY_ID = 8
const DATA_KEY = 32
/** Version 1, before there were envelopes: the value under the server's key itself. */
const LEGACY = 1
const ENVELOPE = 2
const WRAPPED = NONCE + TAG + DATA_KEY

export interface SecretBox {
  /** Encrypts a value for exactly this project and name: moved to another place, it does not open. */
  seal(project: string, name: string, value: string): Buffer
  /** Throws `internal` if it was sealed with a key that is not there, for another place, or tampered with. */
  open(project: string, name: string, sealed: Buffer): string
  /** The same value under the active key; undefined: it is already. The value itself is not decrypted. */
  rewrap(project: string, name: string, sealed: Buffer): Buffer | undefined
  /** The key that is needed to open it, where it says so. */
  keyIdOf(sealed: Buffer): string | undefined
}

const encrypt = (key: Buffer, aad: Buffer, text: Buffer): Buffer => {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
  const body = Buffer.concat([cipher.update(text), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

const decrypt = (key: Buffer, aad: Buffer, sealed: Buffer): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(aad).setAuthTag(sealed.subarray(NONCE, NONCE + TAG))
  return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()])
}

const place = (project: string, name: string, keyId?: string): Buffer => Buffer.from(JSON.stringify([project, name, ...(keyId === undefined ? [] : [keyId])]))

/** Version, key id, data key under the server's key, value under the data key: each AES-256-GCM, bound to project and name. */
const openEnvelope = (sealed: Buffer) => ({
  keyId: sealed.subarray(1, 1 + KEY_ID).toString('hex'),
  wrapped: sealed.subarray(1 + KEY_ID, 1 + KEY_ID + WRAPPED),
  body: sealed.subarray(1 + KEY_ID + WRAPPED),
})

/** Encryption of secrets at rest, with the keys that the ring holds at the moment. */
export const secretBox = (ring: Pick<KeyRing, 'active' | 'all'>): SecretBox => {
  const wrap = ({ id, key }: RingKey, dataKey: Buffer, [project, name]: readonly [string, string]): Buffer =>
    Buffer.concat([Buffer.of(ENVELOPE), Buffer.from(id, 'hex'), encrypt(key, place(project, name, id), dataKey)])

  const dataKeyOf = (project: string, name: string, sealed: Buffer): Buffer => {
    const { keyId, wrapped } = openEnvelope(sealed)
    const key = ring.all.find(({ id }) => id === keyId)
    if (!key) throw new Error(`sealed with key ${keyId}, which this server does not have`)
    return decrypt(key.key, place(project, name, keyId), wrapped)
  }

  const openLegacy = (project: string, name: string, sealed: Buffer): Buffer => {
    for (const { key } of ring.all)
      try {
        return decrypt(key, place(project, name), sealed.subarray(1))
      } catch {
        continue // sealed with another of the keys: it does not say with which
      }
    throw new Error('sealed with none of the keys of this server')
  }

  const seal: SecretBox['seal'] = (project, name, value) => {
    const dataKey = randomBytes(DATA_KEY)
    return Buffer.concat([wrap(ring.active, dataKey, [project, name]), encrypt(dataKey, place(project, name), Buffer.from(value))])
  }

  const open: SecretBox['open'] = (project, name, sealed) => {
    try {
      if (sealed[0] === LEGACY) return openLegacy(project, name, sealed).toString('utf8')
      if (sealed[0] !== ENVELOPE) throw new Error(`sealed by version ${sealed[0]}, this is version ${ENVELOPE}`)
      return decrypt(dataKeyOf(project, name, sealed), place(project, name), openEnvelope(sealed).body).toString('utf8')
    } catch (cause) {
      throw new DavitError('internal', `secret ${name} cannot be opened with this server's keys`, { cause })
    }
  }

  return {
    seal,
    open,
    rewrap(project, name, sealed) {
      if (sealed[0] !== ENVELOPE) return seal(project, name, open(project, name, sealed))
      const { keyId, body } = openEnvelope(sealed)
      if (keyId === ring.active.id) return undefined
      return Buffer.concat([wrap(ring.active, dataKeyOf(project, name, sealed), [project, name]), body])
    },
    keyIdOf: (sealed) => (sealed[0] === ENVELOPE ? openEnvelope(sealed).keyId : undefined),
  }
}

interface Keys {
  readonly keyRing: KeyRing
  readonly secretBox: SecretBox
}

/** Another server may have begun to use a new key: the keys are read again when one that is needed is not among them. */
export async function learnKeys({ keyRing, secretBox }: Keys, needed: readonly Buffer[]): Promise<void> {
  const ids = needed.flatMap((sealed) => secretBox.keyIdOf(sealed) ?? [])
  if (ids.some((id) => !keyRing.all.some((key) => key.id === id))) await keyRing.reload()
}

/** The box, as who signs tokens needs it. */
export const sealerWith = (keys: Keys): Sealer => ({
  seal: keys.secretBox.seal,
  async open(project, name, sealed) {
    await learnKeys(keys, [sealed])
    return keys.secretBox.open(project, name, sealed)
  },
})
