import { DavitError, keysOf as namesOf } from 'davit/contract'
import type { Repos } from '#store/store.ts'
import { placeOf } from './place.ts'

interface Login {
  readonly user: string
  readonly address: string
}

/** Tries that cost nothing, then seconds that double with each, up to a bound. Of tries that were begun at the same moment `atOnce` are let through. */
const RULES = {
  /** One person at one place. */
  pair: { free: 5, firstS: 1, maxS: 900, atOnce: 4 },
  /** One place, whoever it says it is. */
  address: { free: 30, firstS: 1, maxS: 900, atOnce: 16 },
  /** One name from everywhere. The bound is low: whoever guesses must not be able to lock its owner out. */
  user: { free: 100, firstS: 1, maxS: 10, atOnce: undefined },
} as const
type Rule = keyof typeof RULES
const RULE_NAMES = namesOf(RULES)

/** Seconds to wait after so many failures. */
export const delayS = (rule: Rule, failures: number): number => {
  const { free, firstS, maxS } = RULES[rule]
  return failures < free ? 0 : Math.min(maxS, firstS * 2 ** Math.min(failures - free, 30))
}

const keysOf = ({ user, address }: Login): Readonly<Record<Rule, string>> => ({
  pair: `pair ${JSON.stringify([user, placeOf(address)])}`,
  address: `address ${placeOf(address)}`,
  user: `user ${user}`,
})

const tooMany = (waitS: number): DavitError => new DavitError('rate_limited', 'too many logins failed', { hint: `try again in ${waitS} s`, retryAfterS: waitS })

const countOf = (rows: readonly { readonly key: string; readonly count: number }[], key: string): number => rows.find((row) => row.key === key)?.count ?? 0

/** Slows down who guesses passwords, for all servers on a database together. */
export const backOff = (failures: Repos['loginFailures']) => ({
  /** Counts a try as failed until it has `succeeded`, so that many at once are counted too. Throws `rate_limited` while this login has to wait. */
  async begin(login: Login): Promise<void> {
    const keys = keysOf(login)
    const before = await failures.of(Object.values(keys))
    const waits = RULE_NAMES.map((rule) => {
      const found = before.find(({ key }) => key === keys[rule])
      return found ? delayS(rule, found.count) - found.agoS : 0
    })
    const wait = Math.ceil(Math.max(...waits))
    if (wait > 0) throw tooMany(wait)
    const after = await failures.add(Object.values(keys))
    const crowded = RULE_NAMES.some((rule) => countOf(after, keys[rule]) > countOf(before, keys[rule]) + (RULES[rule].atOnce ?? Number.POSITIVE_INFINITY))
    if (!crowded) return
    // It was not tried: only who goes on about the same person is counted.
    await failures.takeBack([keys.address, keys.user])
    throw tooMany(1)
  },
  /** It came to no try after all: nothing is known of the password. */
  async notTried(login: Login): Promise<void> {
    await failures.takeBack(Object.values(keysOf(login)))
  },
  /** What this person did wrong here is forgotten; what this place did to others is not. */
  async succeeded(login: Login): Promise<void> {
    const { pair, ...others } = keysOf(login)
    await failures.forget(pair)
    await failures.takeBack(Object.values(others))
  },
})
export type BackOff = ReturnType<typeof backOff>
