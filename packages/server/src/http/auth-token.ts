import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Auth } from '#auth/auth.ts'
import { CLIENT_ID } from '#auth/logins.ts'
import { grantTokens, OAUTH_ERRORS, type Refusal } from '#auth/token-grants.ts'
import { baseOf, fieldsOf } from './auth-base.ts'
import type { Limits } from './auth-limits.ts'
import type { Authenticate } from './bind.ts'

/** OAuth's words, and ours beside them for clients that read those. */
const answerRefusal = (reply: FastifyReply, { error, description }: Refusal, requestId: string) => {
  const status = OAUTH_ERRORS[error]
  if (status === 401) void reply.header('www-authenticate', 'Basic realm="davit"')
  // Python's `requests`, and so most lines of the official SDK, show of a refusal nothing but this phrase.
  reply.raw.statusMessage = description
  return reply.status(status).send({
    error,
    error_description: description,
    status,
    message: description,
    errorCode: status === 401 ? 'unauthenticated' : 'invalid',
    request_id: requestId,
  })
}

/** Only by POST: what a GET carries is found in logs and histories. */
export function tokenRoutes(app: FastifyInstance, { auth, limits, authenticate }: { auth: Auth; limits: Limits; authenticate: Authenticate }): void {
  app.post('/auth/token', async (request, reply) => {
    await limits.byAddress(request)
    void reply.header('cache-control', 'no-store')
    const issuer = baseOf(auth, request)
    const { authorization } = request.headers
    const answer = await grantTokens({ form: fieldsOf(request.body), authorization, issuer, address: request.ip }, auth)
    if ('error' in answer) return answerRefusal(reply, answer, request.id)
    return {
      token_type: 'Bearer',
      access_token: answer.access,
      expires_in: answer.expiresInS,
      ...(answer.refresh !== undefined && { refresh_token: answer.refresh }),
      ...(answer.identity !== undefined && { id_token: answer.identity }),
      scope: 'openid profile credentials',
      client_id: CLIENT_ID,
      issuer,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }
  })
  app.route({
    method: ['GET', 'POST'],
    url: '/auth/userinfo',
    handler: async (request) => {
      const { name } = await authenticate(request)
      return { sub: name, preferred_username: name, name }
    },
  })
  for (const url of ['/auth/jwks', '/.well-known/jwks.json'])
    app.get(url, async (_request, reply) => {
      void reply.header('cache-control', 'public, max-age=60')
      return auth.signing.jwks()
    })
}
