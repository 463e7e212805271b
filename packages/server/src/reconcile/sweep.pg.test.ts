import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Engine, WorkloadRef } from '#domain/engine.ts'
import { workloadOf } from '#domain/workload-of.ts'
import { memoryEngine } from '#engines/memory/engine.ts'
import { memoryState } from '#engines/memory/state.ts'
import { leaseRepo } from '#store/leases.ts'
import { type Store, store as openStore } from '#store/store.ts'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { givenRun } from '#store/testing/rows.ts'
import { sweepOrphans } from './sweep.ts'

const databases = databasesForTests()
let store: Store
let leases: ReturnType<typeof leaseRepo>
beforeEach(async () => {
  const { db } = await databases.fresh()
  store = openStore(db)
  leases = leaseRepo(db, { owner: 'me', ttlMs: 10_000 })
})

/** An engine that pretends, and what a sweep has removed of it. */
function pretended() {
  const state = memoryState()
  onTestFinished(() => state.clear())
  const engine = memoryEngine({ state })
  const removed: string[] = []
  const remove: Engine['remove'] = async (ref, options) => {
    removed.push(`${ref.runId}/${ref.attempt}${options.volumes ? ' with volumes' : ''}`)
    await engine.remove(ref, options)
  }
  const make = async (id: string, attempt = 1): Promise<void> => {
    const spec = { task: 't', function: 'container://p/f:1', image: 'app:1', args: ['sleep', '60'] }
    await engine.apply(workloadOf({ id, project: 'p', action: 'job', spec }, attempt), {}, new AbortController().signal)
  }
  return { engine: { ...engine, remove }, make, removed }
}

const sweep = (engine: Engine): Promise<void> =>
  sweepOrphans({
    store,
    engine,
    onOrphan: () => undefined,
    onError: (_, error) => {
      throw error
    },
  })

test('what belongs to a run that is gone goes with its volumes, to one that is settled without; what a living one has stays', async () => {
  const { engine, make, removed } = pretended()
  await givenRun(store, { id: 'settled', settled: true })
  await givenRun(store, { id: 'living' })
  for (const id of ['gone', 'settled', 'living']) await make(id)
  await sweep(engine)
  expect(removed).toEqual(['gone/1 with volumes', 'settled/1'])
  expect((await engine.list()).map(({ runId }) => runId)).toEqual(['living'])
})

test('what is left of an attempt that was removed goes, though its run lives on in another', async () => {
  const { engine, make, removed } = pretended()
  await givenRun(store, { id: 'r' })
  for (const number of [1, 2]) await store.attempts.begin({ run: 'r', number, object: `r-${number}` })
  const lease = await leases.acquire('r')
  await store.attempts.change('r', 1, { token: lease?.token ?? 0, set: { outcome: 'failed', removed: true } })
  await make('r', 1)
  await make('r', 2)
  await sweep(engine)
  expect(removed).toEqual(['r/1'])
})

const volumeOf = (runId: string): WorkloadRef => ({ name: `volume-${runId}`, runId, project: 'p', attempt: 0, cluster: undefined })

test('volumes outlive what their run has settled, and go when it is gone', async () => {
  const { engine, removed } = pretended()
  await givenRun(store, { id: 'settled', settled: true })
  await sweep({ ...engine, list: async () => [volumeOf('settled'), volumeOf('gone')] })
  expect(removed).toEqual(['gone/0 with volumes'])
})

test('of a thousand objects the database is asked together', async () => {
  const { engine } = pretended()
  await givenRun(store, { id: 'living' })
  const asked = vi.spyOn(store.runs, 'wanted')
  await sweep({ ...engine, list: async () => Array.from({ length: 1000 }, () => volumeOf('living')) })
  expect(asked).toHaveBeenCalledTimes(2)
})

test('what cannot be removed is told, and does not keep the rest', async () => {
  const { engine, make, removed } = pretended()
  await make('a')
  await make('b')
  const told: string[] = []
  const remove: Engine['remove'] = async (ref, options) => {
    if (ref.runId === 'a') throw new Error('busy')
    await engine.remove(ref, options)
  }
  await sweepOrphans({ store, engine: { ...engine, remove }, onOrphan: () => undefined, onError: (what) => void told.push(what) })
  expect([told, removed]).toEqual([[expect.stringMatching(/^removing orphan /)], ['b/1 with volumes']])
})
