import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import type { RunFilters } from './runs.ts'
import { type Store, store as openStore } from './store.ts'
import type { Database } from './database.ts'
import { databasesForTests } from './testing/database-for-tests.ts'
import { givenRun, newRun, rowOf } from './testing/rows.ts'

const databases = databasesForTests()
let database: Database
let store: Store
beforeAll(async () => {
  database = await databases.fresh()
  store = openStore(database.db)
  await store.projects.insert({ name: 'p', user: 'ann', metadata: {}, spec: {} })
})

const FILTERS: readonly RunFilters[] = [
  {},
  { state: 'READY' },
  { state: 'READY,STOP' },
  { user: 'bob' },
  { function: 'container://p/f' },
  { action: 'job', state: 'STOP' },
]
const known = (filters: RunFilters) => store.runs.list('p', filters, { page: 0, size: 1 }).then(({ total }) => total)
/** With a filter by time, totals are counted. */
const counted = (filters: RunFilters) => store.runs.list('p', { ...filters, created: '2000-01-01T00:00:00Z' }, { page: 0, size: 1 }).then(({ total }) => total)
const rowsOfCounts = async () => Number((await sql<{ n: number }>`select count(*) as n from run_count`.execute(database.db)).rows[0]?.n)

const expectTrue = async () => {
  for (const filters of FILTERS) expect(await known(filters), JSON.stringify(filters)).toBe(await counted(filters))
}

const step = fc.oneof(
  fc.record({
    do: fc.constant('make' as const),
    user: fc.constantFrom('ann', 'bob'),
    functionRef: fc.constantFrom('container://p/f:1', 'container://p/f:2', 'container://p/g:1'),
  }),
  fc.record({ do: fc.constantFrom('stop' as const, 'delete' as const), nth: fc.nat(100) }),
  fc.record({ do: fc.constant('join' as const) }),
)

test('totals are what counting would find, whatever happens to runs', async () => {
  const ids: string[] = []
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      for (const one of steps) {
        if (one.do === 'make') ids.push((await givenRun(store, { user: one.user, functionRef: one.functionRef })).id)
        else if (one.do === 'join') await store.runs.joinCounts()
        else if (ids.length > 0) {
          const id = ids[one.nth % ids.length] ?? ''
          if (one.do === 'delete') await sql`delete from run where id = ${id}`.execute(database.db)
          else if ((await store.runs.findById(id))?.state === 'READY') await store.runs.move(await rowOf(store, id), { to: 'STOP' })
        }
      }
      await expectTrue()
    }),
    { numRuns: 15 },
  )
})

test('a change that is taken back was never counted', async () => {
  const before = await known({})
  const taken = store.transact(async (inside) => {
    await inside.runs.insert(newRun())
    throw new Error('taken back')
  })
  await expect(taken).rejects.toThrow('taken back')
  expect(await known({})).toBe(before)
})

test('joining leaves one row for each of what totals are kept by, also when many do it while runs are made', async () => {
  await Promise.all([
    ...Array.from({ length: 40 }, () => givenRun(store, { functionRef: 'container://p/h:1' })),
    ...Array.from({ length: 8 }, () => store.runs.joinCounts()),
  ])
  await expectTrue()
  await store.runs.joinCounts()
  const groups = await sql<{
    n: number
  }>`select count(*) as n from (select distinct kind, function_ref, task_ref, user_name, state from run) as groups`.execute(database.db)
  expect(await rowsOfCounts()).toBe(Number(groups.rows[0]?.n))
  await expectTrue()
})

test('deleting everything leaves nothing to add up', async () => {
  await sql`delete from run`.execute(database.db)
  expect(await known({})).toBe(0)
  await store.runs.joinCounts()
  expect(await rowsOfCounts()).toBe(0)
})
