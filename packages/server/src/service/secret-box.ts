import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { DavitError } from 'davit/contract'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16

export interface SecretBox {
  /** Encrypts a value for exactly this project and name: moved to another place, it does not open. */
  seal(project: string, name: string, value: string): Buffer
  /** Throws `internal` if it was sealed with another key, for another place, or tampered with. */
  open(project: string, name: string, sealed: Buffer): string
}

/** AES-256-GCM with a key derived from the server's own. Layout: version, nonce, tag, ciphertext. `key` is 32 random bytes. */
export const secretBox = (key: Buffer): SecretBox => {
  const derived = Buffer.from(hkdfSync('sha256', key, '', 'davit secrets v1', 32))
  const place = (project: string, name: string) => Buffer.from(JSON.stringify([project, name]))
  return {
    seal(project, name, value) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', derived, nonce).setAAD(place(project, name))
      const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), text])
    },
    open(project, name, sealed) {
      try {
        if (sealed[0] !== VERSION) throw new Error(`sealed by version ${sealed[0]}, this is version ${VERSION}`)
        const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
        const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES)
        const decipher = createDecipheriv('aes-256-gcm', derived, nonce, { authTagLength: TAG_BYTES }).setAAD(place(project, name)).setAuthTag(tag)
        return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new DavitError('internal', `secret ${name} cannot be opened with this server's key`, { cause })
      }
    },
  }
}
