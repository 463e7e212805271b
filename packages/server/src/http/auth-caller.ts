import { DavitError } from 'davit/contract'
import type { FastifyRequest } from 'fastify'
import type { Auth } from '#auth/auth.ts'
import { ANONYMOUS, type Caller } from '#service/access.ts'
import { baseOf, COOKIE, csrfOf } from './auth-base.ts'
import type { Limits } from './auth-limits.ts'
import type { Authenticate } from './bind.ts'
import { SAFE } from './guard.ts'

const CSRF_HEADER = 'x-davit-csrf'

/** Where there is no authentication everybody who reaches the server is its administrator. */
export const everybody: Authenticate = async (request) => ({
  name: ANONYMOUS,
  admin: true,
  memberships: new Map(),
  proof: { kind: 'none' },
  requestId: request.id,
  address: request.ip,
})

/** A cookie is sent by whatever page the browser shows: what changes something must prove that it comes from ours. */
const assertOwnPage = (request: FastifyRequest, cookie: string, base: string): void => {
  if (SAFE.has(request.method)) return
  const { origin } = request.headers
  const shown = request.headers[CSRF_HEADER]
  if ((origin === undefined || origin === new URL(base).origin) && shown === csrfOf(cookie)) return
  throw new DavitError('forbidden', `a request by cookie needs the header ${CSRF_HEADER} with what the cookie ${COOKIE.csrf} holds`)
}

/** Who sends a request: by its Authorization header, else by the cookie of a browser's login. */
export const authenticator =
  (auth: Auth, limits: Limits): Authenticate =>
  async (request): Promise<Caller> => {
    await limits.byAddress(request)
    const { authorization } = request.headers
    const cookie = request.cookies[COOKIE.session]
    const identity = await auth.identify.of({ authorization, cookie, address: request.ip })
    if (identity.proof.kind === 'browser') assertOwnPage(request, cookie ?? '', baseOf(auth, request))
    await limits.byCaller(request, identity)
    return { ...identity, requestId: request.id, address: request.ip }
  }
