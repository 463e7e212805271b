import { beforeAll, describe, expect, test } from 'vitest'
import { type Database } from './database.ts'
import { type Store, store as openStore } from './store.ts'
import { databasesForTests } from './testing/database-for-tests.ts'
import { givenRun, newFunction, newId, newRun, newTask, rowOf } from './testing/rows.ts'

const databases = databasesForTests()
let database: Database
let store: Store
beforeAll(async () => {
  database = await databases.fresh()
  store = openStore(database.db)
})

const statesOf = async (id: string) => (await store.runs.transitions([id])).map(({ state }) => state)

describe('moving a run', () => {
  test('of two at once one wins, and the history is written once', async () => {
    const run = await givenRun(store)
    const [a, b] = [openStore(database.db), openStore(databases.again(database).db)]
    const moved = await Promise.all([a, b, a, b, a, b].map((one) => one.transact((inside) => inside.runs.move(run, { to: 'PENDING' }))))
    expect(moved.filter(Boolean)).toHaveLength(1)
    expect(await statesOf(run.id)).toEqual(['PENDING', 'READY', 'BUILT'])
    expect((await rowOf(store, run.id)).revision).toBe(run.revision + 1)
  })

  test('where the lifecycle does not lead is refused before anything is asked of the database', async () => {
    const unused = openStore(databases.again(database).db)
    await expect(unused.runs.move({ id: 'no-such-run', state: 'COMPLETED' }, { to: 'RUNNING' })).rejects.toThrow(/cannot go from COMPLETED to RUNNING/)
    const run = await givenRun(store)
    await expect(store.runs.move(run, { to: 'STOPPED' })).rejects.toMatchObject({ code: 'internal' })
    expect(await rowOf(store, run.id)).toEqual(run)
  })

  test('from what it no longer is changes nothing', async () => {
    const run = await givenRun(store)
    await store.transact((inside) => inside.runs.move(run, { to: 'STOP' }))
    expect(await store.transact((inside) => inside.runs.move(run, { to: 'PENDING' }))).toBeUndefined()
    expect((await rowOf(store, run.id)).state).toBe('STOP')
  })

  test('leaves no trace when its transaction fails', async () => {
    const run = await givenRun(store)
    const failing = store.transact(async (inside) => {
      await inside.runs.move(run, { to: 'ERROR', message: 'half' })
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await rowOf(store, run.id)).toEqual(run)
    expect(await statesOf(run.id)).toEqual(['READY', 'BUILT'])
  })

  test('keeps its message in the history, newest first', async () => {
    const run = await givenRun(store)
    await store.transact((inside) => inside.runs.move(run, { to: 'ERROR', message: 'because' }))
    expect(await store.runs.transitions([run.id])).toMatchObject([
      { state: 'ERROR', message: 'because' },
      { state: 'READY', message: null },
      { state: 'BUILT' },
    ])
  })

  test('under a lease that was lost changes nothing', async () => {
    const run = await givenRun(store)
    expect(await store.transact((inside) => inside.runs.move(run, { to: 'PENDING', token: run.lease_token + 1 }))).toBeUndefined()
    expect(await store.runs.show(run, { token: run.lease_token + 1, status: {} })).toBeUndefined()
    expect(await rowOf(store, run.id)).toEqual(run)
  })
})

describe('a run', () => {
  test('is recorded once under its id', async () => {
    const id = newId()
    const made = await Promise.all([1, 2, 3].map(() => store.transact((inside) => inside.runs.insert(newRun({ id })))))
    expect(made.filter(Boolean)).toHaveLength(1)
    expect(await statesOf(id)).toEqual(['READY', 'BUILT'])
  })

  test('of the client itself has no history yet and is settled', async () => {
    const run = await givenRun(store, { states: ['CREATED'], settled: true })
    expect(run).toMatchObject({ state: 'CREATED', settled: true })
    expect(await statesOf(run.id)).toEqual([])
  })

  test('takes its history, ledger and logs with it when it is forgotten, and only when it is being deleted', async () => {
    const run = await givenRun(store)
    await store.attempts.begin({ run: run.id, number: 1, object: run.id })
    const key = { run: run.id, attempt: 1, container: 'c' }
    await store.logs.begin(key, { project: 'p', user: 'ann' })
    await store.logs.append(key, 0, Buffer.from('x'))
    await store.runs.forget(run.id, run.lease_token)
    expect(await store.runs.findById(run.id)).toBeDefined()
    await store.transact((inside) => inside.runs.move(run, { to: 'DELETING' }))
    await store.runs.forget(run.id, run.lease_token + 1)
    expect(await store.runs.findById(run.id)).toBeDefined()
    await store.runs.forget(run.id, run.lease_token)
    expect(await store.runs.findById(run.id)).toBeUndefined()
    expect([await statesOf(run.id), await store.attempts.of(run.id), await store.logs.streams(run.id)]).toEqual([[], [], []])
    expect(await Array.fromAsync(store.logs.read(key, 0))).toEqual([])
  })

  test('may hold whatever text clients send: what PostgreSQL cannot hold is replaced, what only looks so is kept', async () => {
    const spec = { task: 't', args: ['a\0b', '\\u0000', '\ud800', '😀', 'it\'s "x"\n'] }
    const { id } = await givenRun(store, { spec })
    expect((await rowOf(store, id)).spec.args).toEqual(['a\ufffdb', '\\u0000', '\ufffd', '😀', 'it\'s "x"\n'])
  })

  test('is found in its own project only', async () => {
    const run = await givenRun(store)
    expect(await store.runs.find('other', run.id)).toBeUndefined()
    expect(await store.runs.describe('other', run.id, { user: 'x', metadata: {}, extraStatus: {} })).toBeUndefined()
    expect(await store.runs.find('p', run.id)).toEqual(run)
  })
})

describe('the ledger', () => {
  test('has each number once, however many begin it', async () => {
    const run = await givenRun(store)
    const begun = await Promise.all([1, 2, 3, 4].map(() => store.attempts.begin({ run: run.id, number: 1, object: `${run.id}-1` })))
    expect(begun.filter(Boolean)).toHaveLength(1)
  })

  test('never has one engine object for two runs', async () => {
    const [a, b] = [await givenRun(store), await givenRun(store)]
    await store.attempts.begin({ run: a.id, number: 1, object: 'the-object' })
    expect(await store.attempts.begin({ run: b.id, number: 1, object: 'the-object' })).toBeUndefined()
  })

  test('is read in order, of one run or of many', async () => {
    const [a, b] = [await givenRun(store), await givenRun(store)]
    for (const number of [2, 1, 3]) await store.attempts.begin({ run: a.id, number, object: `${a.id}-${number}` })
    await store.attempts.begin({ run: b.id, number: 1, object: `${b.id}-1` })
    expect((await store.attempts.of(a.id)).map(({ number }) => number)).toEqual([1, 2, 3])
    expect(await store.attempts.ofMany([a.id, b.id])).toHaveLength(4)
    expect(await store.attempts.ofMany([])).toEqual([])
  })
})

describe('two at once who make the same', () => {
  const other = () => openStore(databases.again(database).db)

  test('project: exactly one makes it', async () => {
    const made = await Promise.all(
      [store, other(), store, other()].map((one) => one.transact((inside) => inside.projects.insert({ name: 'same', user: 'ann', metadata: {}, spec: {} }))),
    )
    expect(made.filter(Boolean)).toHaveLength(1)
  })

  test('task of a function version: exactly one makes it, under different ids too', async () => {
    const made = await Promise.all(
      [store, other(), store, other()].map((one) => one.transact((inside) => inside.tasks.insert(newTask({ spec: { function: 'container://p/one:1' } })))),
    )
    expect(made.filter(Boolean)).toHaveLength(1)
    expect(await store.tasks.insert(newTask({ kind: 'container+serve', spec: { function: 'container://p/one:1' } }))).toBeDefined()
  })

  test('secret: exactly one makes it; another project may have the name', async () => {
    const secret = (project: string) => ({ id: newId(), name: 'token', project, user: 'ann', metadata: {}, spec: {} })
    const made = await Promise.all([store, other()].map((one) => one.secrets.insert(secret('p'))))
    expect(made.filter(Boolean)).toHaveLength(1)
    expect(await store.secrets.insert(secret('q'))).toBeDefined()
  })

  test('function id: exactly one; the same name is a new version', async () => {
    const id = newId()
    const made = await Promise.all([store, other()].map((one) => one.functions.insert(newFunction({ id }))))
    expect(made.filter(Boolean)).toHaveLength(1)
    expect(await store.functions.insert(newFunction())).toBeDefined()
  })

  test('setting: both get the same value', async () => {
    const got = await Promise.all(['a', 'b', 'c'].map((value) => other().settings.getOrSet('installation', value)))
    expect(new Set(got).size).toBe(1)
  })

  test('run in a project that is being deleted: it comes too late, or the deletion sees it', async () => {
    await store.projects.insert({ name: 'doomed', user: 'ann', metadata: {}, spec: {} })
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let inserted: () => void = () => undefined
    const recorded = new Promise<void>((resolve) => (inserted = resolve))
    const creating = store.transact(async (inside) => {
      await inside.projects.hold('doomed')
      await inside.runs.insert(newRun({ project: 'doomed' }))
      inserted()
      await held
    })
    await recorded
    const deleting = other().transact(async (inside) => {
      await inside.projects.claim('doomed')
      const seen = await inside.runs.of('doomed', 'all')
      await inside.projects.delete('doomed')
      return seen.length
    })
    release()
    await creating
    expect(await deleting).toBe(1)
    expect(await store.transact((inside) => inside.projects.hold('doomed'))).toBeUndefined()
  })
})
