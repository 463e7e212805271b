import { createHash, hkdfSync } from 'node:crypto'

export interface RingKey {
  /** Told from the key itself, so that it needs no name: 16 hex digits. */
  readonly id: string
  readonly key: Buffer
}

/** Where the keys that encrypt secrets come from. */
export interface KeySource {
  /** For messages: a file, a variable, a command; never a key. */
  readonly origin: string
  /** 32 bytes each, the active one first. Throws `invalid` or `unavailable`. */
  read(): Promise<readonly Buffer[]>
  /** Makes a new key and puts it first; undefined where somebody else keeps the keys. */
  readonly add?: () => Promise<void>
}

/** The keys of a server: one encrypts, all open. */
export interface KeyRing {
  readonly active: RingKey
  readonly all: readonly RingKey[]
  readonly origin: string
  /** Reads them again: another server may have been given a new one. */
  reload(): Promise<void>
  /** Makes a new active key. False: whoever keeps the keys has to do that. */
  renew(): Promise<boolean>
}

/** Not the server's own key, which may be used elsewhere: one that is for this alone. */
const ringKey = (raw: Buffer): RingKey => ({
  id: createHash('sha256').update('davit key id').update(raw).digest('hex').slice(0, 16),
  key: Buffer.from(hkdfSync('sha256', raw, '', 'davit secrets v1', 32)),
})

const first = (keys: readonly RingKey[]): RingKey => {
  const [key] = keys
  if (!key) throw new Error('a key source gave no key')
  return key
}

export async function keyRing(source: KeySource): Promise<KeyRing> {
  let all = (await source.read()).map(ringKey)
  const reload = async (): Promise<void> => {
    all = (await source.read()).map(ringKey)
  }
  return {
    get active() {
      return first(all)
    },
    get all() {
      return all
    },
    origin: source.origin,
    reload,
    async renew() {
      if (!source.add) return false
      await source.add()
      await reload()
      return true
    },
  }
}
