import { api } from 'davit/contract'
import { beforeEach, expect, test } from 'vitest'
import type { PresentObservation } from '#domain/observation.ts'
import { memoryEngine } from '#engines/memory/engine.ts'
import { memoryState } from '#engines/memory/state.ts'
import { given, inState, serverForTests } from '#http/testing/server-for-tests.ts'
import type { Database } from '#store/database.ts'
import { databasesForTests } from '#store/testing/database-for-tests.ts'

const databases = databasesForTests()
let database: Database
beforeEach(async () => {
  database = await databases.fresh()
})

const NEW = 'the-next-one'

/** A deploy that says "up", on an engine that replaces its container: `becomes` says what is left of the first one. */
async function deployed() {
  const state = memoryState()
  const engine = memoryEngine({ state })
  let left: PresentObservation['replaced'] | 'here' = 'here'
  let isRemoved = false
  const observe: typeof engine.observe = async (ref) => {
    const seen = await engine.observe(ref)
    if (seen.phase === 'absent' || left === 'here') return seen
    return { ...seen, containers: seen.containers.map((one) => ({ ...one, name: NEW })), replaced: left }
  }
  let real = ''
  const logs: typeof engine.logs = (ref, name, how) => engine.logs(ref, name === NEW ? real : isRemoved ? 'nobody' : name, how)
  const server = await serverForTests(database, { engine: { ...engine, observe, logs }, state })
  const { P, start } = await given(server, 'p', { action: 'deploy' })
  const { id } = await start('echo up; sleep infinity')
  const { status } = await server.until('p', id, inState('RUNNING'))
  const [first = ''] = status.containers?.map(({ name }) => name) ?? []
  real = first
  const names = async () => (await server.runOf('p', id)).status.containers?.map(({ name, ready }) => [name, ready])
  return {
    first,
    becomes(replaced: PresentObservation['replaced']): void {
      left = replaced
      state.hints.send(id)
    },
    /** From now on the engine has no container of the first one's name any more, though it was seen a moment ago. */
    removed(): void {
      isRemoved = true
    },
    async shows(expected: unknown): Promise<void> {
      await expect.poll(names, { timeout: 10_000 }).toEqual(expected)
    },
    notes: async () => (await server.runOf('p', id)).status.notes,
    logs: async () => {
      const logs = await server.call(api.runs.logs, `${P}/runs/${id}/logs`)
      return Object.fromEntries(logs.map(({ status: { container }, content }) => [container, Buffer.from(content, 'base64').toString()]))
    },
    stop: async () => {
      await server.send('POST', `${P}/runs/${id}/stop`)
      await server.until('p', id, inState('STOPPED'))
    },
    close: async () => {
      await server.close()
      state.clear()
    },
  }
}

test('a container that is replaced is shown until it has ended, and its log is stored then under its own name', async () => {
  const { first, becomes, shows, notes, logs, close } = await deployed()
  becomes([{ name: first, ended: false }])
  await shows([
    [NEW, true],
    [first, false],
  ])
  becomes([{ name: first, ended: true }])
  await shows([[NEW, true]])
  expect(await logs()).toMatchObject({ [first]: 'up\n' })
  expect(await notes()).toBeUndefined()
  await close()
})

test('a container that went before its log was stored is told of by its name, once', async () => {
  const { first, becomes, shows, notes, close } = await deployed()
  becomes(undefined)
  await shows([[NEW, true]])
  const told = [{ code: 'log-lost', message: `${first} was replaced or removed before its log was stored` }]
  expect(await notes()).toEqual(told)
  becomes([])
  await shows([[NEW, true]])
  expect(await notes()).toEqual(told)
  await close()
})

test('a container that goes between the look at it and the reading of its log left no empty log, but a note', async () => {
  const { first, becomes, removed, shows, notes, logs, close } = await deployed()
  removed()
  becomes([{ name: first, ended: true }])
  await shows([[NEW, true]])
  expect(await notes()).toMatchObject([{ code: 'log-lost', message: expect.stringContaining('was replaced or removed before its log was stored') }])
  expect(Object.keys(await logs())).toEqual([NEW])
  await close()
})

test('a container that was still ending when its run was stopped is told of too', async () => {
  const { first, becomes, shows, notes, stop, close } = await deployed()
  becomes([{ name: first, ended: false }])
  await shows([
    [NEW, true],
    [first, false],
  ])
  await stop()
  expect(await notes()).toEqual([{ code: 'log-lost', message: `${first} was replaced or removed before its log was stored` }])
  await close()
})
