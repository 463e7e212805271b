import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { type TestProvider, testProvider } from './testing/identity-provider.ts'
import { authFor, basic, bearer, people } from './testing/people.ts'
import { type Answer, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

const PASSWORD = 'correct horse battery'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const databases = databasesForTests()
let provider: TestProvider
let server: ServerForTests
/** What the server's clock is fast by, in ms. */
let ahead = 0
beforeAll(async () => {
  provider = await testProvider()
  const database = await databases.fresh()
  const claims = { nameClaim: 'preferred_username', rolesClaim: 'realm.roles', adminRole: 'davit-admin' }
  const settings = { issuer: provider.issuer, clientId: 'davit', clientSecret: undefined, audience: 'davit', ...claims }
  server = await serverForTests(database, { auth: authFor({ provider: settings, publicUrl: 'http://davit.test' }), now: () => new Date(Date.now() + ahead) })
  const { person } = people(server)
  await person('ann', { password: PASSWORD })
  await person('root', { admin: true, password: PASSWORD })
})
afterAll(() => provider?.close())

/** A browser: it keeps cookies, sends them back, and goes no further by itself. */
const browser = () => {
  const jar = new Map<string, string>()
  const attributes: string[] = []
  const go = async (method: string, path: string, { form, headers = {} }: { form?: Record<string, string>; headers?: Record<string, string> } = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await server.send(method, path, {
      headers: { ...(form && FORM), ...(cookie && { cookie }), ...headers },
      ...(form && { body: new URLSearchParams(form).toString() }),
    })
    for (const set of [answer.headers['set-cookie'] ?? []].flat().map(String)) {
      attributes.push(set)
      const [, name = '', value = ''] = set.match(/^([^=]+)=([^;]*)/) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return answer
  }
  return { go, jar, attributes }
}
type Browser = ReturnType<typeof browser>

const field = ({ text }: Answer, name: string): string => text.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1] ?? ''
const location = ({ headers }: Answer): string => String(headers['location'])
const whoami = (headers: Record<string, string>) =>
  server.send<{ name: string; admin: boolean; memberships: object; expires: string }>('GET', '/api/v1/account', { headers })

const login = async ({ go }: Browser, user = 'ann', password = PASSWORD, next = '/auth/done'): Promise<Answer> => {
  const page = await go('GET', `/auth/login?next=${encodeURIComponent(next)}`)
  return go('POST', '/auth/login', { form: { user, password, next, csrf: field(page, 'csrf') } })
}

/** Logs in through the identity provider. */
const through = async (mine: Browser, next = '/auth/done'): Promise<Answer> => {
  const there = location(await mine.go('GET', `/auth/login/provider?next=${encodeURIComponent(next)}`))
  const back = new URL((await fetch(there, { redirect: 'manual' })).headers.get('location') ?? '')
  expect(`${back.origin}${back.pathname}`).toBe('http://davit.test/auth/callback')
  return mine.go('GET', `${back.pathname}${back.search}`)
}

describe('a password', () => {
  test('opens the API, and a wrong one does not: there is nothing to renew, unlike where nobody says who they are', async () => {
    expect((await whoami(basic('ann', PASSWORD))).json).toMatchObject({ name: 'ann', proof: 'password', admin: false })
    for (const wrong of [basic('ann', 'x'), basic('ann', ''), basic('nobody', PASSWORD), basic('', ''), { authorization: 'Basic !' }])
      expect(await whoami(wrong)).toMatchObject({ status: 403, json: { errorCode: 'forbidden', hint: 'log in: davit login' } })
    expect((await whoami(basic('ann', 'x'))).json).toMatchObject({ message: 'user or password is wrong' })
    for (const none of [{}, { authorization: 'Basic ' }, { authorization: 'Bearer ' }])
      expect(await whoami(none)).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="davit"' } })
    expect((await server.send('POST', '/api/auth', { headers: basic('root', PASSWORD) })).json).toEqual({
      username: 'root',
      permissions: ['ROLE_USER', 'ROLE_ADMIN'],
    })
  })

  test('that was guessed often has to wait, also for the right one; others do not', async () => {
    const { person } = people(server)
    await person('bob', { password: PASSWORD })
    const statuses: number[] = []
    for (let tries = 0; tries < 8; tries++) statuses.push((await whoami(basic('bob', `guess ${tries}`))).status)
    expect(statuses.slice(0, 5)).toEqual([403, 403, 403, 403, 403])
    expect(statuses).toContain(429)
    const waiting = await whoami(basic('bob', PASSWORD))
    expect(waiting).toMatchObject({ status: 429, json: { errorCode: 'rate_limited' } })
    expect(Number(waiting.headers['retry-after'])).toBeGreaterThan(0)
    expect((await whoami(basic('ann', PASSWORD))).status).toBe(200)
  })

  test('is changed with the current one, and ends logins elsewhere', async () => {
    const { person } = people(server)
    await person('cleo', { password: PASSWORD })
    const other = browser()
    await login(other, 'cleo')
    const change = (body: object) => server.send('PUT', '/api/v1/users/cleo/password', { body, headers: basic('cleo', PASSWORD) })
    expect((await change({ password: 'a new long password' })).status).toBe(403)
    expect((await change({ password: 'short', current: PASSWORD })).status).toBe(400)
    expect((await change({ password: 'a new long password', current: PASSWORD })).status).toBe(200)
    expect((await whoami(basic('cleo', PASSWORD))).status).toBe(403)
    expect((await whoami(basic('cleo', 'a new long password'))).status).toBe(200)
    expect((await other.go('GET', '/api/v1/account')).status).toBe(401)
  })
})

describe('a browser', () => {
  test('logs in by a form, and gets a cookie that scripts and other sites cannot use', async () => {
    const mine = browser()
    expect(await login(mine)).toMatchObject({ status: 303, headers: { location: '/auth/done' } })
    expect(mine.attributes.find((cookie) => cookie.startsWith('davit_session='))).toMatch(/Path=\/.*HttpOnly.*SameSite=Lax/)
    expect((await mine.go('GET', '/api/v1/account')).json).toMatchObject({ name: 'ann', proof: 'browser' })
    const create = (headers: Record<string, string>, name: string) =>
      server.send('POST', '/api/v1/projects', { body: { name }, headers: { cookie: `davit_session=${mine.jar.get('davit_session')}`, ...headers } })
    expect((await create({}, 'csrf-1')).status).toBe(403)
    expect((await create({ 'x-davit-csrf': 'wrong' }, 'csrf-2')).status).toBe(403)
    const good = { 'x-davit-csrf': mine.jar.get('davit_csrf') ?? '' }
    expect((await create({ ...good, origin: 'https://evil.example' }, 'csrf-3')).status).toBe(403)
    expect((await create(good, 'csrf-4')).status).toBe(200)
    expect((await create({ ...good, origin: 'http://davit.test' }, 'csrf-5')).status).toBe(200)
  })

  test('cannot be logged in by another page, nor sent elsewhere by a link', async () => {
    const form = { user: 'ann', password: PASSWORD, next: '/' }
    expect((await browser().go('POST', '/auth/login', { form })).status).toBe(403)
    expect((await browser().go('POST', '/auth/login', { form: { ...form, csrf: 'x' } })).status).toBe(403)
    const elsewhere = ['//evil.example', 'https://evil.example', '/\\evil.example', '/\t/evil.example', '/.//evil.example', '/a/..//evil.example']
    for (const next of [...elsewhere, 'javascript:alert(1)', '\n//evil.example', '@evil.example', '//[', ''])
      expect(location(await login(browser(), 'ann', PASSWORD, next)), next).toBe('/auth/done')
  })

  test('comes to the page that it wanted, however that is written', async () => {
    const wanted = [
      ['/日本?q=ü#ö', '/%E6%97%A5%E6%9C%AC?q=%C3%BC#%C3%B6'],
      ['/a\u0001b\u007f', '/a%01b%7F'],
      ['/a\r\nSet-Cookie: x=y', '/aSet-Cookie:%20x=y'],
      ['/auth/authorize?state=a%20b', '/auth/authorize?state=a%20b'],
    ] as const
    for (const [next, there] of wanted) expect(await login(browser(), 'ann', PASSWORD, next)).toMatchObject({ status: 303, headers: { location: there } })
  })

  test('is told that a login is wrong, without scripts in what it is shown', async () => {
    const answer = await login(browser(), '<script>', 'x')
    expect(answer.status).toBe(401)
    expect(answer.text).not.toContain('<script>')
    expect(field(await browser().go('GET', `/auth/login?next=${encodeURIComponent('/"><script>')}`), 'next')).not.toContain('<')
  })

  test('logs out, and the cookie opens nothing any more', async () => {
    const mine = browser()
    await login(mine)
    const cookie = `davit_session=${mine.jar.get('davit_session')}`
    expect((await mine.go('POST', '/auth/logout')).status).toBe(403)
    expect((await mine.go('POST', '/auth/logout', { headers: { 'x-davit-csrf': mine.jar.get('davit_csrf') ?? '' } })).status).toBe(303)
    expect((await whoami({ cookie })).status).toBe(401)
    const { rows } = await server.store.audit.list({ user: 'ann', verb: 'login.close' }, { page: 0, size: 1 })
    expect(rows[0]).toMatchObject({ address: '127.0.0.1', proof: 'browser' })
  })

  test('logs in with a personal token where there are no passwords, within its limits', async () => {
    const { token } = await people(server).token('ann', { verbs: ['*.read'] })
    const mine = browser()
    expect((await login(mine, 'ann', token)).status).toBe(303)
    expect((await mine.go('GET', '/api/v1/account')).json).toMatchObject({ scope: { verbs: ['*.read'] } })
  })
})

describe('a program of a person', () => {
  const verifier = 'a-verifier-that-is-long-enough-for-the-standard-43'
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const redirect = 'http://127.0.0.1:45678/callback'
  const asked = { response_type: 'code', client_id: 'davit', redirect_uri: redirect, code_challenge: challenge, code_challenge_method: 'S256', state: 's1' }
  const authorize = (said: object = {}) => `/auth/authorize?${new URLSearchParams({ ...asked, ...said })}`
  const redeem = (code: string, said: object = {}) =>
    server.send<{ access_token: string; refresh_token: string; id_token?: string }>('POST', '/auth/token', {
      headers: FORM,
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'davit',
        code,
        code_verifier: verifier,
        redirect_uri: redirect,
        ...said,
      }).toString(),
    })
  const codeFor = async (mine: Browser, said: object = {}): Promise<string> => {
    const consent = await mine.go('GET', authorize(said))
    expect(consent.text).toContain('127.0.0.1:45678')
    const form = { ...asked, ...said, csrf: field(consent, 'csrf') }
    const back = new URL(location(await mine.go('POST', '/auth/authorize', { form })))
    expect([back.origin, back.searchParams.get('state')]).toEqual(['http://127.0.0.1:45678', 's1'])
    return back.searchParams.get('code') ?? ''
  }

  test('gets tokens after the person has logged in and agreed', async () => {
    const mine = browser()
    const first = await mine.go('GET', authorize())
    expect(location(first)).toMatch(/^\/auth\/login\?next=/)
    const next = new URLSearchParams(location(first).split('?')[1]).get('next') ?? ''
    expect(location(await login(mine, 'ann', PASSWORD, next))).toBe(next)
    const { status, json } = await redeem(await codeFor(mine, { scope: 'openid' }))
    expect(status).toBe(200)
    expect(json.id_token?.split('.')).toHaveLength(3)
    expect((await whoami(bearer(json.access_token))).json.name).toBe('ann')
    expect((await whoami(bearer(json.id_token ?? ''))).status).toBe(401)
  })

  test('has what an identity provider says for no longer than a day, however late it was let in', async () => {
    provider.person = { sub: 'u-late', preferred_username: 'late', realm: { roles: ['vision:editor'] } }
    const mine = browser()
    const end = Date.now() + 24 * 3_600_000
    await through(mine)
    ahead = 11 * 3_600_000
    const { json } = await redeem(await codeFor(mine))
    ahead = 0
    const { expires, memberships } = (await whoami(bearer(json.access_token))).json
    expect(memberships).toEqual({ vision: 'editor' })
    expect(Date.parse(expires)).toBeLessThan(end + 60_000)
  })

  test('gets them once, and only with the verifier and the address that it began with', async () => {
    const mine = browser()
    await login(mine)
    expect((await redeem(await codeFor(mine), { code_verifier: 'another-verifier-that-is-long-enough-for-it-43' })).status).toBe(400)
    expect((await redeem(await codeFor(mine), { redirect_uri: 'http://127.0.0.1:1/callback' })).status).toBe(400)
    const code = await codeFor(mine)
    const { json } = await redeem(code)
    expect((await redeem(code)).status).toBe(400)
    expect((await whoami(bearer(json.access_token))).status).toBe(401)
    const { rows } = await server.store.audit.list({ user: 'ann', verb: 'login.reused' }, { page: 0, size: 1 })
    expect(rows[0]).toMatchObject({ address: '127.0.0.1', proof: 'session', detail: { kind: 'code' } })
  })

  test('is never sent to another machine, and needs PKCE', async () => {
    for (const redirect_uri of [
      'https://evil.example/cb',
      'http://localhost.evil.example/',
      'http://user@localhost/',
      'javascript:alert(1)',
      'http://localhost:1/#x',
      '',
    ])
      expect((await browser().go('GET', authorize({ redirect_uri }))).status, redirect_uri).toBe(400)
    expect((await browser().go('GET', authorize({ client_id: 'other' }))).status).toBe(400)
    for (const said of [{ code_challenge_method: 'plain' }, { code_challenge: '' }])
      expect(location(await browser().go('GET', authorize(said)))).toContain('error=invalid_request')
  })

  test('gets nothing from a page that only pretends that the person agreed', async () => {
    const mine = browser()
    await login(mine)
    expect((await mine.go('POST', '/auth/authorize', { form: { ...asked, csrf: 'wrong' } })).status).toBe(403)
    expect((await browser().go('POST', '/auth/authorize', { form: asked })).status).toBe(403)
  })
})

describe('an identity provider', () => {
  test('lets people in by authorization code with PKCE, with the roles that it says', async () => {
    provider.person = { sub: 'u-olga', preferred_username: 'olga', realm: { roles: ['vision:editor', 'audio:ROLE_ADMIN', 'other'] } }
    const mine = browser()
    expect(await through(mine)).toMatchObject({ status: 303, headers: { location: '/auth/done' } })
    expect((await mine.go('GET', '/api/v1/account')).json).toMatchObject({ name: 'olga', admin: false, memberships: { vision: 'editor', audio: 'owner' } })
    expect(provider.refused).toEqual([])
  })

  test('gives its roles to tokens that end with the login, and to no others', async () => {
    provider.person = { sub: 'u-olga', preferred_username: 'olga', realm: { roles: ['vision:editor'] } }
    const mine = browser()
    await through(mine)
    const csrf = { 'x-davit-csrf': mine.jar.get('davit_csrf') ?? '' }
    const { expires } = (await mine.go('GET', '/api/v1/account')).json as { expires: string }
    const tokenOf = async (end: number) => {
      const cookie = [...mine.jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const { json } = await server.send<{ token: string }>('POST', '/api/v1/tokens/personal', {
        body: { name: 'laptop', expires: new Date(end).toISOString() },
        headers: { ...csrf, cookie },
      })
      return json.token
    }
    expect((await whoami(bearer(await tokenOf(Date.parse(expires))))).json).toMatchObject({ memberships: { vision: 'editor' }, expires })
    expect((await whoami(bearer(await tokenOf(Date.parse(expires) + 1000)))).json).toMatchObject({ name: 'olga', memberships: {} })
  })

  test('makes administrators, for as long as it says so', async () => {
    provider.person = { sub: 'u-rita', preferred_username: 'rita', realm: { roles: ['davit-admin'] } }
    const [one, two] = [browser(), browser()]
    await through(one)
    expect((await one.go('GET', '/api/v1/account')).json).toMatchObject({ name: 'rita', admin: true })
    provider.person = { sub: 'u-rita', preferred_username: 'rita' }
    await through(two)
    expect((await two.go('GET', '/api/v1/account')).json).toMatchObject({ name: 'rita', admin: false })
  })

  test('does not give an account to somebody else of the same name', async () => {
    for (const name of ['root', 'olga']) {
      provider.person = { sub: `imposter-of-${name}`, preferred_username: name }
      const mine = browser()
      expect((await through(mine)).status).toBe(403)
      expect((await mine.go('GET', '/api/v1/account')).status).toBe(401)
    }
  })

  test('counts only in the browser that began the login, once, and with its own state', async () => {
    provider.person = { sub: 'u-olga', preferred_username: 'olga' }
    const mine = browser()
    const there = location(await mine.go('GET', '/auth/login/provider'))
    const back = new URL((await fetch(there, { redirect: 'manual' })).headers.get('location') ?? '')
    expect((await browser().go('GET', `${back.pathname}${back.search}`)).status).toBe(401)
    const other = new URLSearchParams(back.search)
    other.set('state', 'forged')
    expect((await mine.go('GET', `${back.pathname}?${other}`)).status).toBe(401)
    expect((await mine.go('GET', `${back.pathname}${back.search}`)).status).toBe(401)
  })

  test('vouches for machines by signed tokens, for us and for now', async () => {
    const claims = { sub: 'robot', preferred_username: 'robot', realm: { roles: ['vision:viewer'] } }
    expect((await whoami(bearer(await provider.token(claims)))).json).toMatchObject({ name: 'robot', proof: 'provider', memberships: { vision: 'viewer' } })
    for (const token of [
      await provider.token(claims, { forged: true }),
      await provider.token(claims, { audience: 'another service' }),
      await provider.token(claims, { expires: '-1m' }),
      await provider.token({ preferred_username: 'robot' }),
    ])
      expect((await whoami(bearer(token))).status).toBe(401)
    const exchange = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: 'davit',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }
    const { json } = await server.send<{ access_token: string }>('POST', '/auth/token', {
      headers: FORM,
      body: new URLSearchParams({ ...exchange, subject_token: await provider.token(claims) }).toString(),
    })
    expect((await whoami(bearer(json.access_token))).json).toMatchObject({ name: 'robot', memberships: { vision: 'viewer' } })
  })
})
