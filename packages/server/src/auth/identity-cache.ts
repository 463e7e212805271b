import type { Identity } from './identity.ts'

/** How long an answer is good when the news of a change is lost; where it arrives, nothing old is used. */
const TTL_MS = 5_000
const SIZE = 10_000

/** Remembers for a moment who showed what, so that a request costs no query; refusals are not remembered. */
export const identityCache = (now: () => Date) => {
  const known = new Map<string, { readonly identity: Identity; readonly until: number }>()
  const asked = new Map<string, Promise<Identity>>()
  let generation = 0

  const put = (key: string, identity: Identity): void => {
    const [oldest] = known.keys()
    if (known.size >= SIZE && oldest !== undefined) known.delete(oldest)
    known.set(key, { identity, until: Math.min(now().getTime() + TTL_MS, identity.expires?.getTime() ?? Number.POSITIVE_INFINITY) })
  }

  const ask = async (key: string, look: () => Promise<Identity>): Promise<Identity> => {
    const before = generation
    try {
      const identity = await look()
      // What changed while it was being looked up may not be in it.
      if (before === generation) put(key, identity)
      return identity
    } finally {
      asked.delete(key)
    }
  }

  return {
    /** Of several that ask for the same at once one looks. */
    async get(key: string, look: () => Promise<Identity>): Promise<Identity> {
      const found = known.get(key)
      if (found && found.until > now().getTime()) return found.identity
      known.delete(key)
      const asking = asked.get(key) ?? ask(key, look)
      asked.set(key, asking)
      return asking
    },
    clear(): void {
      generation++
      known.clear()
      asked.clear()
    },
  }
}
