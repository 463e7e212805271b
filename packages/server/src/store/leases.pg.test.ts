import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Database } from './database.ts'
import { type LeaseRepo, leaseRepo } from './leases.ts'
import { type Store, store as openStore } from './store.ts'
import { databasesForTests } from './testing/database-for-tests.ts'
import { givenRun, rowOf } from './testing/rows.ts'

const databases = databasesForTests()
let database: Database
let store: Store
let mine: LeaseRepo
let theirs: LeaseRepo
beforeEach(async () => {
  database = await databases.fresh()
  store = openStore(database.db)
  mine = leaseRepo(database.db, { owner: 'mine', ttlMs: 60_000 })
  theirs = leaseRepo(databases.again(database).db, { owner: 'theirs', ttlMs: 60_000 })
})

const expire = (id: string) => database.db.updateTable('run').set({ lease_until: sql`clock_timestamp() - interval '1 ms'` }).where('id', '=', id).execute()
const ranOut = async (id: string) => {
  const answer = await database.db.selectFrom('run').select(sql<boolean>`lease_until < clock_timestamp()`.as('over')).where('id', '=', id).executeTakeFirst()
  return answer?.over
}
const taken = async (leases: LeaseRepo, id: string) => {
  const lease = await leases.acquire(id)
  if (!lease) throw new Error(`run ${id} is held by another`)
  return lease
}

describe('a lease', () => {
  test('is had by one of many who want it', async () => {
    const { id } = await givenRun(store)
    const got = await Promise.all([mine, theirs, mine, theirs].map((leases) => leases.acquire(id)))
    expect(got.filter(Boolean)).toHaveLength(1)
  })

  test('is not given for what is settled or not there', async () => {
    const { id } = await givenRun(store, { settled: true })
    expect(await mine.acquire(id)).toBeUndefined()
    expect(await mine.acquire('no-such-run')).toBeUndefined()
  })

  test('that was given back is free at once, under a higher token', async () => {
    const { id } = await givenRun(store)
    const first = await taken(mine, id)
    await mine.release(id, first.token, 0)
    expect((await taken(theirs, id)).token).toBe(first.token + 1)
  })

  test('runs out by the time of the database', async () => {
    const { id } = await givenRun(store)
    const short = leaseRepo(database.db, { owner: 'short', ttlMs: 2_000 })
    await theirs.due(1) // connects, which may take longer than the lease lasts
    const lease = await taken(short, id)
    expect(await theirs.acquire(id)).toBeUndefined()
    await expect.poll(() => ranOut(id)).toBe(true)
    const next = await taken(theirs, id)
    expect(next.token).toBeGreaterThan(lease.token)
    expect(next.run.lease_owner).toBe('theirs')
  })

  test('that is extended does not run out; one that was lost or given back cannot be', async () => {
    const { id } = await givenRun(store)
    const lease = await taken(mine, id)
    await expire(id)
    expect(await mine.extend(id, lease.token)).toBe(true)
    expect(await theirs.acquire(id)).toBeUndefined()
    await expire(id)
    const next = await taken(theirs, id)
    expect(await mine.extend(id, lease.token)).toBe(false)
    await theirs.release(id, next.token, 1000)
    expect(await theirs.extend(id, next.token)).toBe(false)
    expect(await mine.acquire(id)).toBeDefined()
  })

  test('that was lost can neither be given back nor written under', async () => {
    const { id } = await givenRun(store)
    const lost = await taken(mine, id)
    await store.attempts.begin({ run: id, number: 1, object: id })
    await expire(id)
    await taken(theirs, id)
    const before = await rowOf(store, id)
    await mine.release(id, lost.token, 0)
    expect(await store.attempts.change(id, 1, { token: lost.token, set: { uid: 'stale', outcome: 'failed' } })).toBeUndefined()
    expect(await store.transact((inside) => inside.runs.move(lost.run, { to: 'ERROR', token: lost.token }))).toBeUndefined()
    expect(await store.runs.show(lost.run, { token: lost.token, status: { phase: 'running' } })).toBeUndefined()
    expect(await store.runs.settle(lost.run, lost.token)).toBe(false)
    expect(await rowOf(store, id)).toEqual(before)
    expect(await store.attempts.of(id)).toMatchObject([{ uid: null, outcome: null }])
    expect(await store.runs.transitions([id])).toHaveLength(2)
  })

  test('that holds allows to write', async () => {
    const { id, state } = await givenRun(store)
    const { token } = await taken(mine, id)
    await store.attempts.begin({ run: id, number: 1, object: id })
    expect(await store.attempts.change(id, 1, { token, set: { uid: 'u1' } })).toMatchObject({ uid: 'u1' })
    expect(await store.transact((inside) => inside.runs.move({ id, state }, { to: 'PENDING', token }))).toMatchObject({ state: 'PENDING' })
    expect(await store.runs.settle({ id, state: 'PENDING' }, token)).toBe(true)
    expect(await rowOf(store, id)).toMatchObject({ settled: true })
  })

  test('does not settle what a user has asked for meanwhile: a deletion of an ended run is not forgotten', async () => {
    const run = await givenRun(store)
    const { token } = await taken(mine, run.id)
    const ended = await store.runs.move(run, { to: 'COMPLETED', token })
    await store.runs.move(ended ?? run, { to: 'DELETING', settled: false })
    expect(await store.runs.settle(ended ?? run, token)).toBe(false)
    expect(await rowOf(store, run.id)).toMatchObject({ state: 'DELETING', settled: false })
  })
})

describe('what is due', () => {
  test('is what is new, and not what is held, settled or for later', async () => {
    const [fresh, held, later] = [await givenRun(store), await givenRun(store), await givenRun(store)]
    await givenRun(store, { settled: true })
    await taken(mine, held.id)
    const { token } = await taken(mine, later.id)
    await mine.release(later.id, token, 60_000)
    expect(await mine.due(10)).toEqual([fresh.id])
  })

  test('is what somebody held who is gone', async () => {
    const { id } = await givenRun(store)
    await taken(mine, id)
    expect(await theirs.due(10)).toEqual([])
    await expire(id)
    expect(await theirs.due(10)).toEqual([id])
  })

  test('comes oldest first and not more than asked', async () => {
    const [a, b] = [await givenRun(store), await givenRun(store)]
    await givenRun(store)
    expect(await mine.due(2)).toEqual([a.id, b.id])
  })

  test('is what a user changed while it was held, as soon as it is given back', async () => {
    const run = await givenRun(store)
    const { token } = await taken(mine, run.id)
    await store.transact((inside) => inside.runs.move(run, { to: 'STOP' }))
    await mine.release(run.id, token, 60_000)
    expect(await mine.due(10)).toEqual([run.id])
  })

  test('is everything that is not settled once a new server is alone', async () => {
    const [held, later, done] = [await givenRun(store), await givenRun(store), await givenRun(store, { settled: true })]
    await taken(mine, held.id)
    await mine.release(later.id, (await taken(mine, later.id)).token, 60_000)
    await theirs.dropAll()
    expect((await theirs.due(10)).toSorted()).toEqual([held.id, later.id].toSorted())
    expect(await rowOf(store, done.id)).toEqual(done)
    expect(await store.runs.countActive()).toBe(2)
  })
})
