import rateLimit from '@fastify/rate-limit'
import { DavitError } from 'davit/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AuthSettings } from '#auth/auth.ts'

const WINDOW_MS = 60_000

/** Throws `rate_limited` for who asks too often. */
export interface Limits {
  byAddress(request: FastifyRequest): Promise<void>
  byCaller(request: FastifyRequest, name: string): Promise<void>
}

/** Requests in a minute, counted in this server: by address before anything is known of who asks, then by who it is. */
export async function requestLimits(app: FastifyInstance, { ratePerMinute }: Pick<AuthSettings, 'ratePerMinute'>): Promise<Limits> {
  await app.register(rateLimit, { global: false })
  const callers = new WeakMap<FastifyRequest, string>()
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
  const byName = limiter(ratePerMinute.caller, (request) => callers.get(request) ?? '')
  return {
    byAddress: limiter(ratePerMinute.address, ({ ip }) => ip),
    byCaller: (request, name) => byName((callers.set(request, name), request)),
  }
}
