import { beforeAll, describe, expect, test } from 'vitest'
import type { LogKey } from './logs.ts'
import { type Store, store as openStore } from './store.ts'
import { databasesForTests } from './testing/database-for-tests.ts'
import { givenRun } from './testing/rows.ts'

const databases = databasesForTests()
const OWNER = { project: 'p', user: 'ann' }
let store: Store
beforeAll(async () => {
  store = openStore((await databases.fresh()).db)
})

/** A stored log of these chunks. */
const given = async (...chunks: readonly string[]): Promise<LogKey> => {
  const key = { run: (await givenRun(store)).id, attempt: 1, container: 'c' }
  await store.logs.begin(key, OWNER)
  let at = 0
  for (const chunk of chunks) {
    await store.logs.append(key, at, Buffer.from(chunk))
    at += chunk.length
  }
  return key
}
const read = async (key: LogKey, offset = 0) => {
  const parts = await Array.fromAsync(store.logs.read(key, offset))
  return { start: parts[0]?.start, text: Buffer.concat(parts.map(({ data }) => data)).toString() }
}

describe('a stored log', () => {
  test('is read from any byte on, also inside a chunk', async () => {
    const key = await given('abc', 'defg', 'h')
    for (let offset = 0; offset < 8; offset++) expect(await read(key, offset)).toEqual({ start: offset, text: 'abcdefgh'.slice(offset) })
    expect(await read(key, 8)).toEqual({ start: undefined, text: '' })
    expect(await read(key, 1e12)).toEqual({ start: undefined, text: '' })
  })

  test('holds every byte as it was', async () => {
    const key = await given()
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    await store.logs.append(key, 0, bytes)
    const [part] = await Array.fromAsync(store.logs.read(key, 0))
    expect(part?.data.equals(bytes)).toBe(true)
  })

  test('that forgot its beginning says where it begins, in whole chunks', async () => {
    const key = await given('abc', 'defg', 'h')
    expect(await store.logs.forgetBefore(key, 5)).toBe(3)
    expect(await read(key)).toEqual({ start: 3, text: 'defgh' })
    expect(await store.logs.forgetBefore(key, 3)).toBe(3)
    expect(await store.logs.forgetBefore(key, 8)).toBe(8)
    expect(await read(key)).toEqual({ start: undefined, text: '' })
  })

  test('takes a chunk once', async () => {
    const key = await given('abc')
    await store.logs.append(key, 0, Buffer.from('xyz'))
    expect((await read(key)).text).toBe('abc')
  })

  test('that was interrupted begins anew; one that is complete stays', async () => {
    const key = await given('abc')
    await store.logs.begin(key, OWNER)
    expect((await read(key)).text).toBe('')
    await store.logs.append(key, 0, Buffer.from('new'))
    await store.logs.finish(key, { first: 0, bytes: 3 })
    await store.logs.begin(key, OWNER)
    expect((await read(key)).text).toBe('new')
    expect(await store.logs.streams(key.run)).toMatchObject([{ complete: true, first: 0, bytes: 3 }])
  })

  test('of one container is not of another', async () => {
    const key = await given('abc')
    expect((await read({ ...key, container: 'd' })).text).toBe('')
    expect((await read({ ...key, attempt: 2 })).text).toBe('')
  })
})

test('logs are listed newest first, of a run or a user', async () => {
  const own = { project: 'listed', user: 'bob' }
  const run = await givenRun(store, { project: 'listed' })
  for (const container of ['a', 'b']) await store.logs.begin({ run: run.id, attempt: 1, container }, own)
  const list = async (filters: { run?: string; user?: string }) =>
    (await store.logs.list('listed', filters, { page: 0, size: 10 })).rows.map(({ container }) => container)
  expect(await list({})).toEqual(['b', 'a'])
  expect(await list({ run: run.id, user: 'bob' })).toEqual(['b', 'a'])
  expect(await list({ user: 'ann' })).toEqual([])
})
