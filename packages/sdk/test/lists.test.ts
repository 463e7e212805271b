import { Davit, type Run } from 'davit'
import { expect, test } from 'vitest'
import { type Answer, fakeServer, json, refuse } from './fake-server.ts'
import { pageOf, sampleRun } from './sample.ts'

const runs = (count: number): Run[] => Array.from({ length: count }, (_, n) => sampleRun('RUNNING', { id: `r${n}` }))
const clientOf = ({ url }: { url: string }) => new Davit({ endpoint: url, token: '' })

/** A page endpoint over a list that may change between two requests. */
const paged =
  (all: () => readonly Run[]): Answer =>
  (response, seen) => {
    const page = Number(seen.query.get('page') ?? 0)
    const size = Number(seen.query.get('size') ?? 25)
    const now = all()
    return json(pageOf(now.slice(page * size, (page + 1) * size), { page, size, totalElements: now.length }))(response, seen)
  }

test('awaiting a list gives one page and the total', async () => {
  const server = await fakeServer(paged(() => runs(60)))
  const { items, total } = await clientOf(server).runs.list('demo', { page: 2 })
  expect([items.length, total]).toEqual([10, 60])
})

test('iterating a list gives every entry of every page, once', async () => {
  const server = await fakeServer(paged(() => runs(250)))
  const ids = (await Array.fromAsync(clientOf(server).runs.list('demo'))).map(({ id }) => id)
  expect(ids).toEqual(runs(250).map(({ id }) => id))
  expect(server.seen).toHaveLength(3)
})

test('nothing is sent before a list is used', async () => {
  const server = await fakeServer(paged(() => runs(1)))
  clientOf(server).runs.list('demo')
  expect(server.seen).toHaveLength(0)
})

test('entries that are added while iterating are not given twice', async () => {
  const all = runs(4)
  const server = await fakeServer(paged(() => all))
  const ids: string[] = []
  for await (const { id } of clientOf(server).runs.list('demo', { size: 2 })) {
    if (ids.push(id) === 1) all.unshift(sampleRun('RUNNING', { id: 'new' }))
  }
  expect(ids).toEqual(['r0', 'r1', 'r2', 'r3'])
})

test('a loop that makes entries leave the list still sees all of them', async () => {
  const all = runs(11)
  const server = await fakeServer(paged(() => all))
  const ids: string[] = []
  for await (const { id } of clientOf(server).runs.list('demo', { size: 3, state: 'RUNNING' })) {
    ids.push(id)
    all.splice(
      all.findIndex((run) => run.id === id),
      1,
    )
  }
  expect(ids.toSorted()).toEqual(
    runs(11)
      .map(({ id }) => id)
      .toSorted(),
  )
})

test('an empty list is an empty list', async () => {
  const server = await fakeServer(paged(() => []))
  expect(await clientOf(server).runs.list('demo').all()).toEqual([])
})

test('a failure reaches the one who awaits and the one who iterates', async () => {
  const server = await fakeServer(refuse(404, 'not_found', 'No such project.'))
  const list = clientOf(server).runs.list('demo')
  await expect(async () => list).rejects.toMatchObject({ code: 'not_found' })
  await expect(list.all()).rejects.toMatchObject({ code: 'not_found' })
})
