import rateLimit from '@fastify/rate-limit'
import { DavitError } from 'davit/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Identity } from '#auth/identity.ts'
import type { AuthSettings } from '#auth/auth.ts'
import { placeOf } from '#auth/place.ts'

const WINDOW_MS = 60_000
/** What all tokens and logins of one account may together, out of what one may. */
const ACCOUNT_FACTOR = 4

/** Throws `rate_limited` for who asks too often. */
export interface Limits {
  byAddress(request: FastifyRequest): Promise<void>
  byCaller(request: FastifyRequest, who: Pick<Identity, 'name' | 'proof'>): Promise<void>
}

/** A program that runs wild with its own token must not stop its owner's browser. */
const credentialOf = ({ name, proof }: Pick<Identity, 'name' | 'proof'>): string => {
  const id = ('token' in proof ? proof.token : undefined) ?? ('session' in proof ? proof.session : undefined)
  return id === undefined ? JSON.stringify([proof.kind, name]) : id
}

/** Requests in a minute, counted in this server: by address before anything is known of who asks, then by the token or login, and by whose it is. */
export async function requestLimits(app: FastifyInstance, { ratePerMinute }: Pick<AuthSettings, 'ratePerMinute'>): Promise<Limits> {
  await app.register(rateLimit, { global: false })
  const callers = new WeakMap<FastifyRequest, Pick<Identity, 'name' | 'proof'>>()
  const limiter = (max: number, keyGenerator: (request: FastifyRequest) => string) => {
    const check = app.createRateLimit({ max, timeWindow: WINDOW_MS, keyGenerator })
    return async (request: FastifyRequest): Promise<void> => {
      const result = await check(request)
      if (!result.isAllowed && result.isExceeded)
        throw new DavitError('rate_limited', `more than ${max} requests in a minute`, {
          hint: `try again in ${result.ttlInSeconds} s`,
          retryAfterS: result.ttlInSeconds,
        })
    }
  }
  const ofCaller = (max: number, keyOf: (who: Pick<Identity, 'name' | 'proof'>) => string) =>
    limiter(max, (request) => {
      const who = callers.get(request)
      return who ? keyOf(who) : ''
    })
  const byCredential = ofCaller(ratePerMinute.caller, credentialOf)
  const byAccount = ofCaller(ratePerMinute.caller * ACCOUNT_FACTOR, ({ name }) => name)
  return {
    byAddress: limiter(ratePerMinute.address, ({ ip }) => placeOf(ip)),
    async byCaller(request, who) {
      callers.set(request, who)
      await byCredential(request)
      await byAccount(request)
    },
  }
}
