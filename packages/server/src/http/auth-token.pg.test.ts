import { createHash } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { authFor, basic, bearer, people } from './testing/people.ts'
import { type Answer, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

interface Tokens {
  readonly access_token: string
  readonly refresh_token?: string
  readonly expires_in: number
  readonly error?: string
}

const databases = databasesForTests()
let server: ServerForTests
let make: ReturnType<typeof people>
beforeAll(async () => {
  server = await serverForTests(await databases.fresh(), { auth: authFor() })
  make = people(server)
  await make.person('ann', { password: 'correct horse battery' })
})

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const PAT = 'urn:ietf:params:oauth:token-type:pat'

const ask = (form: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer<Tokens>> =>
  server.send<Tokens>('POST', '/auth/token', {
    body: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })
const exchange = (token: string) => ask({ grant_type: EXCHANGE, client_id: 'davit', subject_token: token, subject_token_type: PAT, scope: 'credentials' })
const refresh = (token: string) => ask({ grant_type: 'refresh_token', client_id: 'davit', refresh_token: token, scope: 'credentials' })
const whoami = (headers: Record<string, string>) => server.send<{ name: string; proof: string }>('GET', '/api/v1/account', { headers })

describe('a personal access token', () => {
  test('is changed for an access token, as the official SDK does it, which is renewed', async () => {
    const { token } = await make.token('ann')
    const got = await exchange(token)
    expect(got).toMatchObject({ status: 200, json: { token_type: 'Bearer', client_id: 'davit', expires_in: 28_800, issuer: expect.stringMatching(/^http/) } })
    expect(got.headers['cache-control']).toBe('no-store')
    expect((await whoami(bearer(got.json.access_token))).json).toMatchObject({ name: 'ann', proof: 'session' })
    const renewed = await refresh(got.json.refresh_token ?? '')
    expect(renewed.status).toBe(200)
    expect((await whoami(bearer(renewed.json.access_token))).json.name).toBe('ann')
  })

  test('that is revoked ends every login that stands for it, at once', async () => {
    const { id, token } = await make.token('ann')
    const { json } = await exchange(token)
    const headers = bearer(json.access_token)
    expect((await whoami(headers)).status).toBe(200)
    const ann = bearer((await make.token('ann')).token)
    expect((await server.send('DELETE', `/api/v1/tokens/personal/${id}`, { headers: ann })).status).toBe(200)
    await expect.poll(async () => (await whoami(headers)).status).toBe(401)
    expect((await whoami(bearer(token))).status).toBe(401)
    expect(await refresh(json.refresh_token ?? '')).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    expect(await exchange(token)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
  })

  test('gives its limits and its end to what it is changed for', async () => {
    const { token } = await make.token('ann', { verbs: ['*.read'], expires: new Date(Date.now() + 60_000) })
    const { json } = await exchange(token)
    expect(json.expires_in).toBeLessThanOrEqual(60)
    expect((await whoami(bearer(json.access_token))).json).toMatchObject({ scope: { verbs: ['*.read'] } })
    expect((await server.send('POST', '/api/v1/projects', { body: { name: 'limited' }, headers: bearer(json.access_token) })).status).toBe(403)
  })
})

describe('the console’s account page', () => {
  test('lists personal tokens in a page, with their ends, and shows a new one in OAuth’s words', async () => {
    const cora = await make.person('cora')
    const expires = new Date(Date.now() + 3_600_000).toISOString()
    const made = await server.send<{ token: string; expires_in: number }>('POST', '/api/v1/tokens/personal', {
      body: { name: 'ends', scopes: ['profile'], expires },
      headers: cora,
    })
    expect(made.json).toMatchObject({ access_token: made.json.token, expiresAt: expires, issuedAt: expect.any(String) })
    expect(made.json.expires_in).toBeGreaterThan(3500)
    const list = await server.send<{ content: { name: string }[] }>('GET', '/api/v1/tokens/personal?sort=updated,DESC&page=0&size=1', { headers: cora })
    expect(list.json).toMatchObject({ totalElements: 2, totalPages: 2, content: [{ name: 'for a test' }] })
    expect((await server.send('GET', '/api/v1/tokens/personal?size=1&page=1', { headers: cora })).json).toMatchObject({ content: [{ expiresAt: expires }] })
    expect(list.text).not.toContain(made.json.token)
  })

  test('lists the logins of clients, one’s own alone, and ends them', async () => {
    const [dora, eve] = [await make.person('dora'), await make.person('eve')]
    const { id, token } = await make.token('dora')
    const { json: tokens } = await exchange(token)
    const list = async (headers: Record<string, string>) =>
      (await server.send<{ content: { id: string; user: string; expiresAt: string }[] }>('GET', '/api/v1/tokens/refresh?sort=updated,DESC', { headers })).json
    const [login] = (await list(dora)).content
    expect(login).toMatchObject({ user: 'dora', token: id, ipAddress: expect.any(String), issuedAt: expect.any(String), expiresAt: expect.any(String) })
    expect(await list(eve)).toMatchObject({ totalElements: 0, content: [] })
    expect((await server.send('DELETE', `/api/v1/tokens/refresh/${login?.id}`, { headers: eve })).status).toBe(404)
    expect((await server.send('DELETE', `/api/v1/tokens/refresh/${login?.id}`, { headers: dora })).status).toBe(200)
    expect((await whoami(bearer(tokens.access_token))).status).toBe(401)
    expect((await refresh(tokens.refresh_token ?? '')).status).toBe(400)
    expect(await list(dora)).toMatchObject({ totalElements: 0 })
  })
})

describe('a refresh token', () => {
  test('works once; a second use ends the whole login, also what was got for it', async () => {
    const { json: first } = await exchange((await make.token('ann')).token)
    const second = await refresh(first.refresh_token ?? '')
    expect(second.status).toBe(200)
    expect(await refresh(first.refresh_token ?? '')).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    expect((await refresh(second.json.refresh_token ?? '')).status).toBe(400)
    await expect.poll(async () => (await whoami(bearer(second.json.access_token))).status).toBe(401)
    expect((await whoami(bearer(first.access_token))).status).toBe(401)
  })

  test('is given to one of several that ask at once', async () => {
    const { json } = await exchange((await make.token('ann')).token)
    const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(json.refresh_token ?? '')))
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
  })

  test('needs the client that all clients are', async () => {
    const { json } = await exchange((await make.token('ann')).token)
    const token = json.refresh_token ?? ''
    expect(await ask({ grant_type: 'refresh_token', refresh_token: token })).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
    expect(await ask({ grant_type: 'refresh_token', client_id: 'other', refresh_token: token })).toMatchObject({
      status: 401,
      json: { error: 'invalid_client' },
    })
    expect((await refresh(token)).status).toBe(200)
  })
})

describe('a program', () => {
  test('logs in with its name and a token, in the form or in the header', async () => {
    await server.store.users.insert({ name: 'ci', kind: 'service', admin: false })
    const { token } = await make.token('ci')
    for (const got of [
      await ask({ grant_type: 'client_credentials', client_id: 'ci', client_secret: token }),
      await ask({ grant_type: 'client_credentials' }, basic('ci', token)),
    ]) {
      expect(got).toMatchObject({ status: 200, json: { token_type: 'Bearer' } })
      expect(got.json.refresh_token).toBeUndefined()
      expect((await whoami(bearer(got.json.access_token))).json.name).toBe('ci')
    }
    expect(await ask({ grant_type: 'client_credentials' }, basic('ann', token))).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
    expect(await ask({ grant_type: 'client_credentials' })).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
  })
})

test('what is no grant is refused in words that OAuth clients know', async () => {
  expect(await ask({})).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
  expect(await ask({ grant_type: 'password' })).toMatchObject({ status: 400, json: { error: 'unsupported_grant_type' } })
  expect(await ask({ grant_type: '__proto__' })).toMatchObject({ status: 400, json: { error: 'unsupported_grant_type' } })
  expect(await exchange('dvt_wrong')).toMatchObject({ status: 400, json: { error: 'invalid_grant', message: expect.any(String) } })
  expect((await server.send('GET', '/auth/token?grant_type=refresh_token')).status).toBe(405)
})

test('a refusal says why in its status line too, since Python programs show nothing else of it', async () => {
  const body = new URLSearchParams({ grant_type: EXCHANGE, client_id: 'davit', subject_token: 'dvt_wrong', subject_token_type: PAT })
  const { status, statusText } = await fetch(`${await server.listen()}/auth/token`, { method: 'POST', body })
  expect({ status, statusText }).toEqual({ status: 400, statusText: 'the personal access token is not valid, or its time is over' })
})

describe('signatures', () => {
  test('can be checked by everybody, with the keys that every server on the database publishes', async () => {
    const { json } = await exchange((await make.token('ann')).token)
    const jwks = (await server.send<{ keys: [] }>('GET', '/.well-known/jwks.json')).json
    expect(JSON.stringify(jwks)).not.toContain('"d"')
    const { payload } = await jwtVerify(json.access_token, createLocalJWKSet(jwks))
    expect(payload).toMatchObject({ sub: 'ann', aud: 'davit' })
    expect((await server.send('GET', '/auth/jwks')).json).toEqual(jwks)
  })

  test('of yesterday stay good when a new key signs', async () => {
    const { json } = await exchange((await make.token('ann')).token)
    const kid = await server.auth.signing.rotate()
    expect((await whoami(bearer(json.access_token))).status).toBe(200)
    const { json: next } = await exchange((await make.token('ann')).token)
    expect(JSON.parse(Buffer.from(next.access_token.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({ kid, typ: 'at+jwt' })
  })

  test('that are not ours, or on something else, open nothing', async () => {
    const { json } = await exchange((await make.token('ann')).token)
    const [head = '', body = '', sign = ''] = json.access_token.split('.')
    const forged = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), sub: 'admin' })).toString('base64url')
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${body}.`
    for (const token of [`${head}.${forged}.${sign}`, unsigned, `${head}.${body}.`, 'a.b.c', '', 'dvt_', 'x'.repeat(10_000)])
      expect((await whoami(bearer(token))).status, token.slice(0, 40)).toBe(401)
  })
})

test('clients find all of it by themselves', async () => {
  const { json } = await server.send('GET', '/.well-known/configuration', { headers: { host: 'davit.acme.org' } })
  expect(json).toMatchObject({
    dhcore_authentication_methods: ['basic', 'jwt', 'pat'],
    dhcore_client_id: 'davit',
    dhcore_issuer: 'http://davit.acme.org',
    oauth2_token_endpoint: 'http://davit.acme.org/auth/token',
  })
  for (const path of ['openid-configuration', 'oauth-authorization-server'])
    expect(await server.send('GET', `/.well-known/${path}`, { headers: { host: 'davit.acme.org' } })).toMatchObject({
      status: 200,
      json: { issuer: 'http://davit.acme.org', token_endpoint: 'http://davit.acme.org/auth/token', code_challenge_methods_supported: ['S256'] },
    })
})

test('who calls this server by what is no name is told so', async () => {
  const secret = await server.auth.logins.openBrowser({ account: 'ann', address: '127.0.0.1' })
  const headers = { host: '%%', cookie: `davit_session=${secret}` }
  const noHost = { status: 400, json: { errorCode: 'invalid', message: expect.stringContaining('Host') } }
  expect(await server.send('POST', '/api/v1/projects', { body: { name: 'named' }, headers })).toMatchObject(noHost)
  for (const path of ['/.well-known/configuration', '/.well-known/openid-configuration', '/auth/login'])
    expect(await server.send('GET', path, { headers })).toMatchObject(noHost)
})

test('what is a secret lies in no table', async () => {
  const { token } = await make.token('ann')
  const { json } = await exchange(token)
  const tables = await server.store.transact(async (inside) =>
    JSON.stringify([await inside.tokens.list('ann'), await inside.users.list(), await inside.signingKeys.list()]),
  )
  for (const secret of [token, json.refresh_token ?? 'none', json.access_token, 'correct horse battery']) expect(tables).not.toContain(secret)
  expect(createHash('sha256').update(token).digest()).toEqual((await server.store.tokens.list('ann')).at(-1)?.hash)
})
