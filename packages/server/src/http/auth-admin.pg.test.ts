import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#store/database.ts'
import { leaseRepo } from '#store/leases.ts'
import { runRepo } from '#store/runs.ts'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { newRun } from '#store/testing/rows.ts'
import { authFor, bearer, people } from './testing/people.ts'
import { type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

const databases = databasesForTests()
/** What a key management system would hold: the test puts new keys in front. */
const keys = [randomBytes(32)]
/** What the clocks of both servers are fast by, in ms. */
let ahead = 0
let database: Database
let server: ServerForTests
let second: ServerForTests
let admin: { readonly authorization: string }
let make: ReturnType<typeof people>
beforeAll(async () => {
  database = await databases.fresh()
  const parts = {
    auth: authFor(),
    keys: { origin: 'a test', read: async () => [...keys] },
    embedded: false,
    now: () => new Date(Date.now() + ahead),
    corsOrigins: ['https://console.acme.org'],
  }
  server = await serverForTests(database, parts)
  second = await serverForTests(databases.again(database), parts)
  make = people(server)
  admin = await make.person('root', { admin: true })
  await server.send('POST', '/api/v1/projects', { body: { name: 'vault' }, headers: admin })
})
afterAll(() => second.close())

const P = '/api/v1/-/vault'
const send = (method: string, path: string, body?: unknown, on: ServerForTests = server) =>
  on.send(method, path, { headers: admin, ...(body !== undefined && { body }) })

const exchange = (subject_token: string, on: ServerForTests) => {
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    client_id: 'davit',
    subject_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:pat',
  }
  return on.send<{ access_token: string }>('POST', '/auth/token', {
    body: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
}

describe('two servers on one database', () => {
  test('take one another’s tokens, and know of a revocation at once', async () => {
    const { id, token } = await make.token('root')
    const { json } = await exchange(token, server)
    const status = async (value: string) => (await second.send('GET', '/api/v1/account', { headers: bearer(value) })).status
    expect([await status(token), await status(json.access_token)]).toEqual([200, 200])
    expect((await send('DELETE', `/api/v1/tokens/personal/${id}`)).status).toBe(200)
    await expect.poll(() => status(token), { timeout: 3000 }).toBe(401)
    await expect.poll(() => status(json.access_token), { timeout: 3000 }).toBe(401)
    expect((await second.send('GET', '/auth/jwks')).json).toEqual((await server.send('GET', '/auth/jwks')).json)
  })

  test('sign with the newest key, also where nobody has read a secret since the keys were rotated', async () => {
    const { token } = await make.token('root')
    keys.unshift(randomBytes(32))
    expect((await send('POST', '/api/v1/admin/rotate-keys')).status).toBe(200)
    ahead += 61_000 // until then the second goes on with the key that it remembers
    const { status, json } = await exchange(token, second)
    expect(status).toBe(200)
    expect((await server.send('GET', '/api/v1/account', { headers: bearer(json.access_token) })).status).toBe(200)
  })

  test('read one another’s secrets, also while keys are rotated', async () => {
    await send('POST', `${P}/secrets`, { name: 'KEY' })
    await send('PUT', `${P}/secrets/data`, { KEY: 'kept' })
    const [old] = keys
    keys.unshift(randomBytes(32))
    expect(await send('POST', '/api/v1/admin/rotate-keys')).toMatchObject({ status: 200, json: { renewed: false, secrets: 1 } })
    // The second server has not heard of the new key: it asks for the keys when it meets what it cannot open.
    expect((await send('GET', `${P}/secrets/data?keys=KEY`, undefined, second)).json).toEqual({ KEY: 'kept' })
    keys.splice(keys.indexOf(old ?? randomBytes(32)), 1)
    expect(await send('POST', '/api/v1/admin/rotate-keys')).toMatchObject({ status: 200, json: { secrets: 0 } })
    expect((await send('GET', `${P}/secrets/data?keys=KEY`)).json).toEqual({ KEY: 'kept' })
  })
})

describe('the audit log', () => {
  test('says who, what, when, from where, and what was before and after', async () => {
    await send('PUT', '/api/v1/projects/vault', { name: 'vault', metadata: { description: 'second' } })
    const { json } = await server.send<{ content: Record<string, unknown>[] }>('GET', '/api/v1/audit?project=vault&verb=project.update', { headers: admin })
    expect(json.content[0]).toMatchObject({
      user: 'root',
      verb: 'project.update',
      project: 'vault',
      entity: 'project',
      address: '127.0.0.1',
      request_id: expect.stringMatching(/^[\da-f-]{36}$/),
      detail: { before: {}, after: { description: 'second' } },
    })
  })

  /** Newest first. */
  const told = async (query: string) =>
    (await server.send<{ content: Record<string, unknown>[] }>('GET', `/api/v1/audit?${query}`, { headers: admin })).json.content

  test('says by which proof, and finds what a token did', async () => {
    const { id, token } = await make.token('root')
    await server.send('PUT', '/api/v1/projects/vault', { body: { name: 'vault', metadata: { description: 'by token' } }, headers: bearer(token) })
    const { json } = await exchange(token, server)
    await server.send('PUT', '/api/v1/projects/vault', { body: { name: 'vault', metadata: { description: 'by login' } }, headers: bearer(json.access_token) })
    expect((await told(`token=${id}`)).map(({ verb, proof, token: by }) => [verb, proof, by])).toEqual([
      ['project.update', 'session', id],
      ['login.open', 'token', id],
      ['project.update', 'token', id],
    ])
  })

  test('has no values of variables, in whatever form they come, nor of what a secret is described by', async () => {
    const fn = (await send('POST', `${P}/functions`, { name: 'f', kind: 'container', spec: { image: 'app:1' } })).json as { id: string }
    const task = (envs: unknown) => ({ kind: 'container+job', spec: { function: `container://vault/f:${fn.id}`, envs } })
    const { id } = (await send('POST', `${P}/tasks`, task({ CANARY: 'canary-1' }))).json as { id: string }
    await send('PUT', `${P}/tasks/${id}`, { ...task([{ name: 'CANARY', value: 'canary-2' }]), metadata: { description: 'second' } })
    await send('PUT', `${P}/tasks/${id}`, task({ CANARY: 'canary-3' }))
    await send('DELETE', `${P}/tasks/${id}`)
    const secret = (await send('POST', `${P}/secrets`, { name: 'DESCRIBED' })).json as { id: string }
    await send('PUT', `${P}/secrets/${secret.id}`, { name: 'DESCRIBED', metadata: { description: 'canary-4' } })
    const entries = await told('project=vault&size=100')
    expect(JSON.stringify(entries)).not.toContain('canary-')
    const details = entries.filter(({ entity_id }) => entity_id === id || entity_id === secret.id).map(({ verb, detail }) => [verb, detail])
    expect(details).toEqual([
      ['secret.update', { name: 'DESCRIBED', changed: ['description'] }],
      ['secret.create', { name: 'DESCRIBED' }],
      ['task.delete', { before: expect.objectContaining({ envs: ['CANARY'], description: 'second' }), after: {} }],
      ['task.update', { before: { envs: ['CANARY'] }, after: { envs: ['CANARY'] } }],
      ['task.update', { before: { envs: ['CANARY'] }, after: { envs: ['CANARY'], description: 'second' } }],
      ['task.create', {}],
    ])
  })

  test('tells who was refused, the same once', async () => {
    const headers = await make.person('nosy')
    for (let times = 0; times < 3; times++) await server.send('GET', `${P}/secrets`, { headers })
    await expect
      .poll(async () => (await told('user=nosy')).map(({ verb, project, entity_id: id }) => [verb, project, id]))
      .toEqual([['access.refused', 'vault', 'GET /api/v1/-/:project/secrets']])
  })

  test('is for owners of the project, from its beginning on, and for administrators', async () => {
    const owner = await make.person('olga')
    const read = (headers: Record<string, string>, query: string) =>
      server.send<{ content: { verb: string; user: string }[] }>('GET', `/api/v1/audit${query}`, { headers })
    await send('POST', '/api/v1/projects', { name: 'again' })
    await send('DELETE', '/api/v1/projects/again')
    await server.send('POST', '/api/v1/projects', { body: { name: 'again' }, headers: owner })
    expect((await read(owner, '?project=again')).json.content.map(({ verb, user }) => `${user} ${verb}`)).toEqual(['olga project.create'])
    expect((await read(admin, '?project=again')).json.content.length).toBeGreaterThan(1)
    expect([(await read(owner, '')).status, (await read(owner, '?project=vault')).status]).toEqual([403, 403])
    expect((await read(admin, `?since=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`)).json.content).toEqual([])
  })
})

/** A run that somebody else holds, so that its deletion goes on until it is let go. */
async function heldRun(project: string): Promise<{ letGo(): Promise<unknown> }> {
  return database.db.transaction().execute(async (inside) => {
    const row = await runRepo(inside).insert(newRun({ project }))
    const lease = await leaseRepo(inside, { owner: 'a test', ttlMs: 3_600_000 }).acquire(row?.id ?? '')
    if (!lease) throw new Error('the run cannot be held')
    return { letGo: () => leaseRepo(database.db, { owner: 'a test', ttlMs: 0 }).release(lease.run.id, lease.token, 0) }
  })
}

describe('a project that is made again while runs of the first are being deleted', () => {
  /** A deleted project of whose runs one is left. */
  const remains = async (name: string) => {
    await send('POST', '/api/v1/projects', { name })
    const run = await heldRun(name)
    expect((await send('DELETE', `/api/v1/projects/${name}?cascade=true`)).status).toBe(200)
    return run
  }
  const ask = (name: string, headers: { readonly authorization: string }) => server.send('POST', '/api/v1/projects', { body: { name }, headers })

  test('waits for them to go: they are not for its new owner', async () => {
    const owner = await make.person('heir')
    const run = await remains('left')
    const asked = ask('left', owner)
    await run.letGo()
    expect((await asked).status).toBe(200)
    expect((await server.send('GET', '/api/v1/-/left/runs', { headers: owner })).json).toMatchObject({ totalElements: 0 })
  })

  test('is refused with how many there are when they do not go, and an administrator has it at once', async () => {
    const run = await remains('stuck')
    expect(await ask('stuck', await make.person('hopeful'))).toMatchObject({
      status: 409,
      json: { message: expect.stringContaining('one of its runs is still being deleted') },
    })
    expect((await server.send('GET', '/api/v1/projects/stuck', { headers: admin })).status).toBe(404)
    expect((await ask('stuck', admin)).status).toBe(200)
    await run.letGo()
  })
})

describe('people', () => {
  test('the last administrator stays', async () => {
    const refusal = { status: 409, json: { message: expect.stringContaining('last administrator') } }
    expect(await send('DELETE', '/api/v1/users/root')).toMatchObject(refusal)
    expect(await send('PUT', '/api/v1/users/root', { admin: false })).toMatchObject(refusal)
    expect((await send('GET', '/api/v1/account')).json).toMatchObject({ admin: true })
  })

  test('become administrators, and are none any more, at once', async () => {
    const headers = await make.person('vera')
    const isAdmin = async () => (await server.send<{ admin: boolean }>('GET', '/api/v1/account', { headers })).json.admin
    for (const admin of [true, false]) {
      expect(await send('PUT', '/api/v1/users/vera', { admin })).toMatchObject({ status: 200, json: { name: 'vera', admin } })
      expect(await isAdmin()).toBe(admin)
    }
    expect((await server.send('PUT', '/api/v1/users/vera', { body: { admin: true }, headers })).status).toBe(403)
    expect((await send('PUT', '/api/v1/users/nobody', { admin: true })).status).toBe(404)
    expect((await send('PUT', '/api/v1/users/vera', {})).status).toBe(400)
  })

  test('the last owner stays, unless an administrator takes the project over', async () => {
    const owner = await make.person('otto')
    await server.send('POST', '/api/v1/projects', { body: { name: 'ottos' }, headers: owner })
    const ask = (method: string, body?: object) => server.send(method, '/api/v1/-/ottos/members/otto', { headers: owner, ...(body && { body }) })
    expect((await ask('PUT', { role: 'viewer' })).status).toBe(409)
    expect((await ask('DELETE')).status).toBe(409)
    expect((await send('DELETE', '/api/v1/-/ottos/members/otto')).status).toBe(200)
    expect((await server.send('GET', '/api/v1/projects/ottos', { headers: owner })).status).toBe(403)
  })

  test('who is deleted leaves nothing that somebody of the same name could use', async () => {
    const gone = await make.person('gone', { roles: { vault: 'owner' } })
    expect((await send('DELETE', '/api/v1/users/gone')).status).toBe(200)
    expect((await server.send('GET', '/api/v1/account', { headers: gone })).status).toBe(401)
    const next = await make.person('gone')
    expect((await server.send('GET', `${P}/secrets`, { headers: next })).status).toBe(403)
  })

  test('a project that is made again does not let in who was a member of the first', async () => {
    const member = await make.person('mona')
    await send('POST', '/api/v1/projects', { name: 'twice' })
    await send('PUT', '/api/v1/-/twice/members/mona', { role: 'editor' })
    expect((await server.send('GET', '/api/v1/projects/twice', { headers: member })).status).toBe(200)
    await send('DELETE', '/api/v1/projects/twice')
    await send('POST', '/api/v1/projects', { name: 'twice' })
    expect((await server.send('GET', '/api/v1/projects/twice', { headers: member })).status).toBe(403)
  })

  test('a token does not outlive the one that it was made with, and a limited one makes none', async () => {
    const end = new Date(Date.now() + 60_000)
    const create = async (said: Parameters<typeof make.token>[1], body: object) =>
      server.send<{ expires: string }>('POST', '/api/v1/tokens/personal', {
        body: { name: 'next', ...body },
        headers: bearer((await make.token('root', said)).token),
      })
    expect((await create({ expires: end }, {})).json.expires).toBe(end.toISOString())
    expect((await create({ expires: end }, { expires: new Date(Date.now() + 120_000).toISOString() })).status).toBe(403)
    expect((await create({ verbs: ['token.*'] }, {})).status).toBe(403)
    expect((await create({}, { verbs: ['no.such'] })).status).toBe(400)
    expect((await create({}, { expires: '2001-01-01T00:00:00Z' })).status).toBe(400)
  })
})

describe('what protects browsers', () => {
  test('headers on every answer, also on refusals', async () => {
    for (const path of ['/healthz', '/api/v1/projects', '/nowhere', '/auth/login', '/docs/']) {
      const { headers } = await server.send('GET', path)
      expect([path, headers]).toEqual([
        path,
        expect.objectContaining({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' }),
      ])
      expect(String(headers['content-security-policy'])).toContain("frame-ancestors 'none'")
    }
  })

  test('only named origins may call from their pages', async () => {
    const origin = async (name: string) => (await server.send('GET', '/healthz', { headers: { origin: name } })).headers['access-control-allow-origin']
    expect(await origin('https://console.acme.org')).toBe('https://console.acme.org')
    expect(await origin('https://evil.example')).toBeUndefined()
    const none = await serverForTests(databases.again(await databases.fresh()), { auth: authFor() })
    expect((await none.send('GET', '/healthz', { headers: { origin: 'https://console.acme.org' } })).headers['access-control-allow-origin']).toBeUndefined()
    await none.close()
  })

  test('forms of other pages cannot reach the API', async () => {
    const headers = { ...admin, 'content-type': 'application/x-www-form-urlencoded' }
    expect((await server.send('POST', '/api/v1/projects', { body: 'name=form', headers })).status).toBe(415)
  })
})

test('who asks too often waits, and others do not; metrics are for those who are known', async () => {
  const limited = await serverForTests(await databases.fresh(), { auth: authFor({ ratePerMinute: { caller: 5, address: 50 } }) })
  const { person } = people(limited)
  const [ann, bob] = [await person('ann'), await person('bob')]
  const ask = (headers: Record<string, string>) => limited.send('GET', '/api/v1/account', { headers })
  const statuses: number[] = []
  for (let times = 0; times < 7; times++) statuses.push((await ask(ann)).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
  expect(Number((await ask(ann)).headers['retry-after'])).toBeGreaterThan(0)
  expect((await ask(bob)).status).toBe(200)
  const others = await Promise.all(Array.from({ length: 4 }, async () => bearer((await people(limited).token('ann')).token)))
  expect((await ask(others[0] ?? bob)).status).toBe(200)
  expect((await limited.send('GET', '/metrics')).status).toBe(401)
  for (const other of others) for (let times = 0; times < 5; times++) statuses.push((await ask(other)).status)
  expect(statuses.at(-1)).toBe(429) // all of ann's tokens together
  for (let times = 0; times < 25; times++) await ask(bearer('dvt_guess'))
  expect((await ask(bearer('dvt_guess'))).status).toBe(429)
  await limited.close()
})
