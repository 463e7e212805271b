import { beforeAll, describe, expect, test } from 'vitest'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { authFor, basic, bearer, people } from './testing/people.ts'
import { type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

const PASSWORD = 'correct horse battery'
const NEW = 'a new long password'

const databases = databasesForTests()
let server: ServerForTests
let make: ReturnType<typeof people>
let taskRef = ''
beforeAll(async () => {
  server = await serverForTests(await databases.fresh(), { auth: authFor() })
  make = people(server)
  const headers = await make.person('root', { admin: true, password: PASSWORD })
  const create = async (path: string, body: object) => (await server.send<{ id: string }>('POST', path, { body, headers })).json.id
  await create('/api/v1/projects', { name: 'p' })
  await create(`${P}/secrets`, { name: 'KEY' })
  await server.send('PUT', `${P}/secrets/data`, { body: { KEY: 'kept' }, headers })
  const fn = await create(`${P}/functions`, { name: 'f', kind: 'container', spec: { image: 'app:1' } })
  taskRef = `container+job://p/${await create(`${P}/tasks`, { kind: 'container+job', spec: { function: `container://p/f:${fn}` } })}`
})

const P = '/api/v1/-/p'
const limited = async (...verbs: readonly string[]) => bearer((await make.token('root', { verbs })).token)

describe('an administrator’s limited token', () => {
  const change = (headers: Record<string, string>, user: string, body: object = { password: NEW, current: PASSWORD }) =>
    server.send('PUT', `/api/v1/users/${user}/password`, { body, headers })

  test('sets no password, and makes no administrator: both would open more than it may', async () => {
    await make.person('ann', { password: PASSWORD })
    for (const verbs of [['*.write'], ['account.*'], ['user.*'], ['*']])
      for (const user of ['root', 'ann']) expect([verbs, user, (await change(await limited(...verbs), user)).status]).toEqual([verbs, user, 403])
    const users = await limited('user.*')
    const create = (body: object) => server.send('POST', '/api/v1/users', { body, headers: users })
    expect((await create({ name: 'boss', admin: true })).status).toBe(403)
    expect((await create({ name: 'bob', password: NEW })).status).toBe(403)
    expect((await create({ name: 'bob' })).status).toBe(200)
    expect((await server.send('PUT', '/api/v1/users/bob', { body: { admin: true }, headers: users })).status).toBe(403)
  })

  test('runs what has secrets only when it may use secrets', async () => {
    const submit = async (headers: Record<string, string>, spec: object) =>
      (await server.send('POST', `${P}/runs`, { body: { kind: 'container+job:run', spec: { task: taskRef, ...spec } }, headers })).status
    const file = { volumes: [{ volume_type: 'secret', name: 'v', mount_path: '/v', spec: { secret_name: 'KEY' } }] }
    const [runs, both] = [await limited('run.*'), await limited('run.*', 'secret.use')]
    expect(await Promise.all([submit(runs, {}), submit(runs, { secrets: ['KEY'] }), submit(runs, file)])).toEqual([200, 403, 403])
    expect(await Promise.all([submit(both, { secrets: ['KEY'] }), submit(both, file)])).toEqual([200, 200])
  })
})

describe('a password of one’s own', () => {
  const change = (headers: Record<string, string>, user: string, body: object) => server.send('PUT', `/api/v1/users/${user}/password`, { body, headers })

  test('is changed by an administrator too with the current one only, unless there is none', async () => {
    const headers = await make.person('chief', { admin: true })
    expect((await change(headers, 'chief', { password: PASSWORD })).status).toBe(200)
    expect((await change(headers, 'chief', { password: NEW })).status).toBe(403)
    expect((await change(headers, 'chief', { password: NEW, current: PASSWORD })).status).toBe(200)
    expect((await server.send('GET', '/api/v1/account', { headers: basic('chief', NEW) })).status).toBe(200)
  })

  test('is not guessed by way of a change: tries are counted, and told', async () => {
    const headers = await make.person('cleo', { password: PASSWORD })
    const tries: number[] = []
    for (let n = 0; n < 8; n++) tries.push((await change(headers, 'cleo', { password: NEW, current: `guess ${n}` })).status)
    expect(tries.slice(0, 5)).toEqual([403, 403, 403, 403, 403])
    expect(tries).toContain(429)
    const { rows } = await server.store.audit.list({ user: 'cleo', verb: 'login.refused' }, { page: 0, size: 10 })
    expect(rows.length).toBeGreaterThanOrEqual(5)
  })

  test('is not made by whom an identity provider can lock out', async () => {
    await server.store.users.insert({ name: 'olga', kind: 'user', admin: false, issuer: 'https://id.example', subject: 'u1' })
    expect((await change(bearer((await make.token('olga')).token), 'olga', { password: NEW })).status).toBe(403)
  })
})

test('many tries at once, each with another name, are few: from one place only some are let through', async () => {
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) => server.send('GET', '/api/v1/account', { headers: basic(`nobody${n}`, 'guess guess guess') })),
  )
  const count = (wanted: number): number => answers.filter(({ status }) => status === wanted).length
  expect(count(403) + count(429)).toBe(200)
  expect(count(403)).toBeLessThan(50)
})
