import { beforeAll, describe, expect, test } from 'vitest'
import type { FunctionFilters } from './functions.ts'
import type { Paging } from './list.ts'
import type { RunFilters } from './runs.ts'
import { type Store, store as openStore } from './store.ts'
import { databasesForTests } from './testing/database-for-tests.ts'
import { givenRun, newFunction, newTask } from './testing/rows.ts'

const databases = databasesForTests()
let store: Store
beforeAll(async () => {
  store = openStore((await databases.fresh()).db)
  for (const name of ['alpha', 'beta', 'alpha_b']) await store.projects.insert({ name, user: name === 'beta' ? 'bob' : 'ann', metadata: {}, spec: {} })
  const functions = [
    { id: 'f1', name: 'hello', metadata: { labels: ['red', 'big'] } },
    { id: 'f2', name: 'world', metadata: { labels: ['red'] }, user: 'bob' },
    { id: 'f3', name: 'hello', metadata: { labels: [{ name: 'blue', value: '1' }] } },
    { id: 'f4', name: 'a+b' },
  ]
  for (const said of functions) await store.functions.insert(newFunction(said))
  await store.functions.insert(newFunction({ id: 'g1', project: 'q' }))
  const runs: Parameters<typeof givenRun>[1][] = [
    { id: 'r1', functionRef: 'container://p/hello:f1' },
    { id: 'r2', functionRef: 'container://p/hello:f3', name: 'nightly', taskRef: 'container+serve://p/t2', action: 'serve', kind: 'container+serve:run' },
    { id: 'r3', functionRef: 'container://p/hello_:f9', user: 'bob' },
    { id: 'r4', functionRef: 'container://p/helloX:f8', states: ['CREATED'], settled: true },
  ]
  for (const said of runs) await givenRun(store, said)
  await givenRun(store, { id: 'other', project: 'q' })
})

const PAGE: Paging = { page: 0, size: 25 }
const runs = async (filters: RunFilters = {}, paging: Partial<Paging> = {}) =>
  (await store.runs.list('p', filters, { ...PAGE, ...paging })).rows.map(({ id }) => id)
const functions = async (filters: FunctionFilters = {}, paging: Partial<Paging> = {}) =>
  (await store.functions.list('p', filters, { ...PAGE, ...paging })).rows.map(({ id }) => id)

describe('pages', () => {
  test('hold the newest first, and together everything once', async () => {
    const pages = await Promise.all([0, 1].map((page) => store.runs.list('p', {}, { page, size: 3 })))
    expect(pages.map(({ rows }) => rows.map(({ id }) => id))).toEqual([['r4', 'r3', 'r2'], ['r1']])
    expect(pages.map(({ total }) => total)).toEqual([4, 4])
  })

  test('past the end are empty and know the total', async () => {
    expect(await store.runs.list('p', {}, { page: 2_000_000_000, size: 1000 })).toEqual({ rows: [], total: 4 })
  })

  test('follow the order that is asked for, and keep equals in one order', async () => {
    expect(await runs({}, { sort: 'id,ASC' })).toEqual(['r1', 'r2', 'r3', 'r4'])
    expect(await runs({}, { sort: ['kind,desc', 'metadata.created,asc'] })).toEqual(['r2', 'r1', 'r3', 'r4'])
    expect(await runs({}, { sort: 'project,ASC' }).catch((error: unknown) => error)).toMatchObject({ code: 'invalid', path: 'sort' })
    const by = async (page: number) => runs({}, { sort: 'user,ASC', page, size: 1 })
    expect(new Set((await Promise.all([0, 1, 2, 3].map(by))).flat()).size).toBe(4)
  })

  test.each(['created', 'updated', 'name', 'id', 'kind', 'user'])('can be sorted by %s in every list', async (field) => {
    const paging = { ...PAGE, sort: `${field},DESC` }
    await store.logs.begin({ run: 'r1', attempt: 1, container: 'c' }, { project: 'p', user: 'ann' })
    const lists = [
      store.runs.list('p', {}, paging),
      store.functions.list('p', {}, paging),
      store.tasks.list('p', {}, paging),
      store.projects.list({}, paging),
      store.secrets.list('p', paging),
      store.logs.list('p', {}, paging),
    ]
    expect((await Promise.all(lists)).map(({ total }) => total)).toEqual([4, 3, expect.any(Number), 3, 0, 1])
  })
})

describe('runs', () => {
  test.each<[RunFilters, string[]]>([
    [{ name: 'nightly' }, ['r2']],
    [{ kind: 'container+serve:run' }, ['r2']],
    [{ kind: 'container serve:run' }, ['r2']],
    [{ user: 'bob' }, ['r3']],
    [{ state: 'CREATED' }, ['r4']],
    [{ state: 'CREATED,READY', user: 'bob' }, ['r3']],
    [{ q: 'NIGHT' }, []],
    [{ q: 'night' }, ['r2']],
    [{ q: 'hello_' }, ['r3']],
    [{ q: 'r1' }, ['r1']],
    [{ function: 'container://p/hello' }, ['r2', 'r1']],
    [{ function: 'container://p/hello_' }, ['r3']],
    [{ function: 'container://p/hello:f1' }, ['r1']],
    [{ task: 'container+serve://p/t2' }, ['r2']],
    [{ task: 'container serve://p/t2' }, ['r2']],
    [{ action: 'serve' }, ['r2']],
    [{ action: 'serve', task: 'container+job://p/t1' }, ['r4', 'r3', 'r1']],
    [{ created: '2999-01-01T00:00:00Z' }, []],
    [{ created: '2000-01-01T00:00:00Z,2999-01-01T00:00:00Z', user: 'bob' }, ['r3']],
    [{ created: 'tomorrow', user: 'bob' }, ['r3']],
    [{ updated: ',2000-01-01' }, []],
  ])('with %j', async (filters, ids) => {
    expect(await runs(filters)).toEqual(ids)
  })
})

describe('functions', () => {
  test('are the newest version of each name, or all', async () => {
    expect(await functions()).toEqual(['f4', 'f3', 'f2'])
    expect(await functions({ versions: 'all' })).toEqual(['f4', 'f3', 'f2', 'f1'])
    expect(await functions({ versions: 'all', name: 'hello' })).toEqual(['f3', 'f1'])
    expect((await store.functions.latestOfAll('p')).map(({ id }) => id)).toEqual(['f4', 'f3', 'f2'])
    expect((await store.functions.latest('p', 'hello'))?.id).toBe('f3')
  })

  test('stay in their order when an old version is described anew', async () => {
    await store.functions.describe('p', 'f1', { user: 'eve', metadata: { labels: ['red', 'big'] } })
    expect((await store.functions.latest('p', 'hello'))?.id).toBe('f3')
  })

  test.each<[FunctionFilters, string[]]>([
    [{ q: 'hell' }, ['f3']],
    [{ q: 'f2' }, ['f2']],
    [{ q: '%' }, []],
    [{ kind: 'container' }, ['f4', 'f3', 'f2']],
    [{ kind: 'python' }, []],
    [{ user: 'bob' }, ['f2']],
    [{ state: 'CREATED' }, ['f4', 'f3', 'f2']],
    [{ state: 'RUNNING' }, []],
    [{ name: 'a+b' }, ['f4']],
    [{ labels: ['red'], versions: 'all' }, ['f2', 'f1']],
    [{ labels: ['red', 'bi'], versions: 'all' }, ['f1']],
    [{ labels: ['blue'] }, ['f3']],
    [{ labels: ['red'] }, ['f2']],
  ])('with %j', async (filters, ids) => {
    expect(await functions(filters)).toEqual(ids)
  })

  test('are deleted one by one, or by name', async () => {
    for (const id of ['x1', 'x2']) await store.functions.insert(newFunction({ id, project: 'del', name: 'x' }))
    await store.functions.insert(newFunction({ id: 'y1', project: 'del', name: 'y' }))
    expect(await store.functions.delete('elsewhere', { id: 'x1' })).toEqual([])
    expect((await store.functions.delete('del', { name: 'x' })).map(({ id }) => id).toSorted()).toEqual(['x1', 'x2'])
    expect((await store.functions.delete('del', { id: 'y1' })).map(({ id }) => id)).toEqual(['y1'])
  })
})

describe('tasks, projects and secrets', () => {
  test('are filtered too', async () => {
    await store.tasks.insert(newTask({ id: 't1', spec: { function: 'container://p/hello:f1' } }))
    await store.tasks.insert(newTask({ id: 't2', kind: 'container+serve', spec: { function: 'container://p/hello:f1' } }))
    const tasks = async (filters: Parameters<Store['tasks']['list']>[1]) => (await store.tasks.list('p', filters, PAGE)).rows.map(({ id }) => id)
    expect(await tasks({ kind: 'container serve' })).toEqual(['t2'])
    expect(await tasks({ kind: 'job' })).toEqual([])
    expect(await tasks({ function: 'container://p/hello:f1' })).toEqual(['t2', 't1'])
    expect(await tasks({ function: 'container://p/hello:f2' })).toEqual([])
    expect(await tasks({ state: 'ERROR' })).toEqual([])
  })

  test('projects come by name; a part of it is enough', async () => {
    const projects = async (filters: Parameters<Store['projects']['list']>[0]) => (await store.projects.list(filters, PAGE)).rows.map(({ name }) => name)
    expect(await projects({})).toEqual(['alpha', 'alpha_b', 'beta'])
    expect(await projects({ name: 'alpha_' })).toEqual(['alpha_b'])
    expect(await projects({ user: 'bob' })).toEqual(['beta'])
    expect(await projects({ state: 'ERROR' })).toEqual([])
  })
})
