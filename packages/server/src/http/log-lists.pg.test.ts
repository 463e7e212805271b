import { type Endpoint, Log, pageOf } from 'davit/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { sql } from 'kysely'
import type { Database } from '#store/database.ts'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { given, inState, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

const databases = databasesForTests()
let server: ServerForTests
let database: Database
beforeAll(async () => {
  database = await databases.fresh()
  server = await serverForTests(database)
})

const Logs = pageOf(Log)
const list = async (query: string) => Logs.parse((await server.send<Endpoint>('GET', `/api/v1/-/lists/logs${query}`)).json)

describe('the logs of a project', () => {
  test('can be asked for by run, by user, and by both', async () => {
    const { start } = await given(server, 'lists')
    const { id } = await start('echo hello')
    await server.until('lists', id, inState('COMPLETED'))
    const totals = async (...queries: string[]) => Promise.all(queries.map(async (query) => (await list(query)).totalElements))
    expect(await totals('', `?run=${id}`, '?user=anonymous', `?run=${id}&user=anonymous`)).toEqual([1, 1, 1, 1])
    expect(await totals('?run=none', '?user=nobody', `?run=${id}&user=nobody`, '?run=none&user=anonymous')).toEqual([0, 0, 0, 0])
  })

  test('hold each log whole where that is not much', async () => {
    const [log] = (await list('')).content
    expect(Buffer.from(log?.content ?? '', 'base64').toString()).toBe('hello\n')
    expect(log?.status).not.toHaveProperty('omitted')
  })
})

test('a log says in which namespace of a cluster its container was, in every answer', async () => {
  const { P, start } = await given(server, 'placed')
  const { id } = await start('echo here')
  await server.until('placed', id, inState('COMPLETED'))
  const answers = async () => {
    const texts = await Promise.all([`runs/${id}/logs`, `logs?run=${id}`, 'logs'].map(async (path) => (await server.send('GET', `${P}/${path}`)).text))
    return texts.map((text) => [...text.matchAll(/"namespace":"([^"]+)"/g)].map(([, namespace]) => namespace))
  }
  expect(await answers()).toEqual(Array.from({ length: 3 }, () => ['placed', 'placed']))
  await sql`update run set status = status || '{"pods":[{"name":"x","namespace":"team-a"}]}' where id = ${id}`.execute(database.db)
  expect(await answers()).toEqual(Array.from({ length: 3 }, () => ['team-a', 'team-a']))
})

test('a secret never shows in the evidence of a failure, not even half of it where a long line was cut', async () => {
  const { P, start } = await given(server, 'canary')
  const value = 'C4n4ry-'.repeat(60)
  await server.send('POST', `${P}/secrets`, { body: { name: 'KEY' } })
  await server.send('PUT', `${P}/secrets/data`, { body: { KEY: value } })
  const { id } = await start('echo "the key is $KEY."; exit 3', { secrets: ['KEY'] })
  const { status } = await server.until('canary', id, inState('ERROR'))
  expect(status.verdict?.evidence.at(-1)).toBe('the key is [secret].')
  expect(JSON.stringify(status)).not.toContain('C4n4')
})
