import { DavitError } from 'davit/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Auth } from '#auth/auth.ts'
import { inSeconds, LIFETIME_S } from '#auth/lifetimes.ts'
import { provision } from '#auth/provision.ts'
import { hashOf, newSecret } from '#auth/secret-text.ts'
import { baseOf, COOKIE, csrfOf, fieldsOf, setCookie } from './auth-base.ts'
import type { Limits } from './auth-limits.ts'
import { loginPage, messagePage } from './auth-page.ts'

export interface LoginDeps {
  readonly auth: Auth
  readonly limits: Limits
}

const HTML = 'text/html; charset=utf-8'

const HOME = '/auth/done'
/** Stands for this server, whatever it is called: who is sent elsewhere leaves this origin. */
const HERE = 'http://here.invalid'

/** A path of this server and of no other, as browsers read it and as a header can hold it: `//evil`, `/\evil` and URLs are none. */
const pathOrHome = (next: string | undefined): string => {
  const url = next?.startsWith('/') ? URL.parse(next, HERE) : null
  // `/.//evil` is a path here, and would not be one once its dot is gone.
  return url?.origin === HERE && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}${url.hash}` : HOME
}

const isSecure = (auth: Auth, request: FastifyRequest): boolean => baseOf(auth, request).startsWith('https:')

/** The browser is logged in from here on. */
const welcome = (reply: FastifyReply, secret: string, { secure, next }: { secure: boolean; next: string }) => {
  setCookie(reply, { name: COOKIE.session, value: secret, path: '/', secure })
  setCookie(reply, { name: COOKIE.csrf, value: csrfOf(secret), path: '/', secure, readable: true })
  return reply.clearCookie(COOKIE.form, { path: '/auth' }).clearCookie(COOKIE.provider, { path: '/auth' }).redirect(next, 303)
}

function formRoutes(app: FastifyInstance, { auth, limits }: LoginDeps): void {
  const show = (request: FastifyRequest, reply: FastifyReply, { next, wrong }: { next: string; wrong?: string }) => {
    const secret = request.cookies[COOKIE.form] ?? newSecret('login')
    setCookie(reply, { name: COOKIE.form, value: secret, path: '/auth', secure: isSecure(auth, request) })
    const [withPassword, withProvider] = [auth.settings.ways.basic, auth.provider !== undefined]
    return reply.type(HTML).send(loginPage({ csrf: csrfOf(secret), next, withPassword, withProvider, wrong }))
  }

  app.get('/auth/login', async (request, reply) => show(request, reply, { next: pathOrHome(fieldsOf(request.query)['next']) }))

  app.post('/auth/login', async (request, reply) => {
    await limits.byAddress(request)
    const { user = '', password = '', csrf, next: asked } = fieldsOf(request.body)
    const next = pathOrHome(asked)
    const form = request.cookies[COOKIE.form]
    if (form === undefined || csrf !== csrfOf(form)) return show(request, reply.status(403), { next, wrong: 'The page was too old. Please try again.' })
    try {
      const identity = await auth.identify.ofLogin(user, password, request.ip)
      const id = identity.proof.kind === 'token' ? identity.proof.token : undefined
      const token = id === undefined ? undefined : await auth.store.tokens.find(identity.name, id)
      const secret = await auth.logins.openBrowser({ account: identity.name, token, address: request.ip })
      return welcome(reply, secret, { secure: isSecure(auth, request), next })
    } catch (error) {
      if (!(error instanceof DavitError)) throw error
      if (error.code === 'unauthenticated') return show(request, reply.status(401), { next, wrong: 'User or password is wrong.' })
      if (error.code !== 'rate_limited') throw error
      return show(request, reply.status(429).header('retry-after', String(error.retryAfterS ?? 1)), { next, wrong: `Too many logins failed: ${error.hint}.` })
    }
  })
}

function providerRoutes(app: FastifyInstance, { auth, limits }: LoginDeps): void {
  const known = () => {
    if (!auth.provider) throw new DavitError('not_found', 'this server has no identity provider')
    return auth.provider
  }

  app.get('/auth/login/provider', async (request, reply) => {
    await limits.byAddress(request)
    const { url, state, nonce, verifier } = await known().begin(`${baseOf(auth, request)}/auth/callback`)
    const secret = newSecret('login')
    const detail = { state, nonce, verifier, next: pathOrHome(fieldsOf(request.query)['next']) }
    await auth.store.sessions.issue({ hash: hashOf(secret), kind: 'login', session: undefined, detail, expires: inSeconds(auth.now(), LIFETIME_S.login) })
    // The way back counts only in the browser that began it.
    setCookie(reply, { name: COOKIE.provider, value: secret, path: '/auth', secure: isSecure(auth, request) })
    return reply.redirect(url, 303)
  })

  app.get('/auth/callback', async (request, reply) => {
    await limits.byAddress(request)
    const provider = known()
    const ticket = await auth.store.sessions.redeem('login', hashOf(request.cookies[COOKIE.provider] ?? ''))
    const { state = '', nonce = '', verifier = '', next } = ticket?.detail ?? {}
    if (!ticket) throw new DavitError('unauthenticated', 'this login was not begun here, or took too long', { hint: 'begin again' })
    const who = await provider.finish(new URL(`${baseOf(auth, request)}${request.url}`), { state, nonce, verifier })
    const { name } = await provision(auth.store, who, request.ip)
    const secret = await auth.logins.openBrowser({ account: name, claims: { admin: who.admin, roles: { ...who.roles } }, address: request.ip })
    return welcome(reply, secret, { secure: isSecure(auth, request), next: pathOrHome(next) })
  })
}

/** Logins of people in a browser: by a form, or through the identity provider; both end with a cookie. */
export function loginRoutes(app: FastifyInstance, deps: LoginDeps): void {
  const { auth } = deps
  formRoutes(app, deps)
  providerRoutes(app, deps)
  app.get('/auth/done', async (_request, reply) => reply.type(HTML).send(messagePage('You are logged in', 'This page can be closed.')))
  app.post('/auth/logout', async (request, reply) => {
    const cookie = request.cookies[COOKIE.session]
    const shown = request.headers['x-davit-csrf'] ?? fieldsOf(request.body)['csrf']
    if (cookie === undefined || shown !== csrfOf(cookie)) throw new DavitError('forbidden', 'log out from a page of this server')
    await auth.logins.close(hashOf(cookie).toString('base64url'), request.ip)
    return reply.clearCookie(COOKIE.session, { path: '/' }).clearCookie(COOKIE.csrf, { path: '/' }).redirect('/auth/login', 303)
  })
}
