import { DavitError } from 'davit/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Auth } from '#auth/auth.ts'
import type { Identity } from '#auth/identity.ts'
import { CLIENT_ID } from '#auth/logins.ts'
import { COOKIE, csrfOf, fieldsOf } from './auth-base.ts'
import type { Limits } from './auth-limits.ts'
import { consentPage } from './auth-page.ts'

type Fields = Readonly<Record<string, string>>

/** Programs of people wait on their own machine, and nowhere else. */
const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

const redirectOf = ({ client_id: client, redirect_uri: redirect = '' }: Fields): URL => {
  const url = URL.parse(redirect)
  // A code must never be sent where it was not asked for: no redirect, but a page that says why.
  if (client !== CLIENT_ID) throw new DavitError('invalid', `client_id must be ${CLIENT_ID}`, { path: 'client_id' })
  if (!url || !LOOPBACK.test(url.origin) || url.username !== '' || url.hash !== '')
    throw new DavitError('invalid', 'redirect_uri must be http://localhost:<port>/…', { path: 'redirect_uri' })
  return url
}

/** What is wrong with a request whose redirect is good; OAuth's words. */
const problemOf = ({ response_type: type, code_challenge: challenge = '', code_challenge_method: method }: Fields): string | undefined => {
  if (type !== 'code') return 'unsupported_response_type'
  return method === 'S256' && /^[\w-]{43}$/.test(challenge) ? undefined : 'invalid_request'
}

const back = (reply: FastifyReply, url: URL, answer: Fields, { state }: Fields) => {
  for (const [name, value] of Object.entries({ ...answer, ...(state !== undefined && { state }) })) url.searchParams.set(name, value)
  return reply.header('cache-control', 'no-store').redirect(url.href, 303)
}

const KEPT = ['client_id', 'redirect_uri', 'response_type', 'code_challenge', 'code_challenge_method', 'scope', 'state', 'nonce']
const kept = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([name]) => KEPT.includes(name)))

/** OAuth's authorization code with PKCE, for programs of people: the CLI and DigitalHub's clients. */
export function authorizeRoutes(app: FastifyInstance, { auth, limits }: { auth: Auth; limits: Limits }): void {
  const browserOf = (request: FastifyRequest): Promise<Identity | undefined> =>
    auth.identify.of({ authorization: undefined, cookie: request.cookies[COOKIE.session], address: request.ip }).catch((error: unknown) => {
      if (error instanceof DavitError && error.code === 'unauthenticated') return undefined
      throw error
    })

  app.get('/auth/authorize', async (request, reply) => {
    await limits.byAddress(request)
    const fields = kept(fieldsOf(request.query))
    const url = redirectOf(fields)
    const problem = problemOf(fields)
    if (problem !== undefined) return back(reply, url, { error: problem }, fields)
    const person = await browserOf(request)
    if (!person) {
      const next = `/auth/authorize?${new URLSearchParams(fields).toString()}`
      return reply.redirect(`/auth/login?${new URLSearchParams({ next }).toString()}`, 303)
    }
    const csrf = csrfOf(request.cookies[COOKIE.session] ?? '')
    return reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        `default-src 'none'; style-src 'unsafe-inline'; form-action 'self' ${url.origin}; frame-ancestors 'none'; base-uri 'none'`,
      )
      .send(consentPage({ user: person.name, where: url.host, fields: { ...fields, csrf } }))
  })

  app.post('/auth/authorize', async (request, reply) => {
    await limits.byAddress(request)
    const fields = fieldsOf(request.body)
    const url = redirectOf(fields)
    const person = await browserOf(request)
    if (!person || person.proof.kind !== 'browser' || fields['csrf'] !== csrfOf(request.cookies[COOKIE.session] ?? ''))
      throw new DavitError('forbidden', 'this was not asked by a page of this server', { hint: 'log in again' })
    const problem = problemOf(fields)
    if (problem !== undefined) return back(reply, url, { error: problem }, fields)
    const { proof } = person
    const [row, token] = await Promise.all([
      auth.store.sessions.find(proof.session),
      proof.token === undefined ? undefined : auth.store.tokens.find(person.name, proof.token),
    ])
    const session = await auth.logins.openClient({ account: person.name, token, claims: row?.claims, asked: row?.created, address: request.ip })
    const { code_challenge: challenge = '', redirect_uri = '', scope = '', nonce } = fields
    const code = await auth.logins.code(session, { challenge, redirect_uri, scope, ...(nonce !== undefined && { nonce }) })
    return back(reply, url, { code }, fields)
  })
}
