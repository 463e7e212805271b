import { setTimeout as sleep } from 'node:timers/promises'
import { api } from 'davit/contract'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Applied, Engine } from '#domain/engine.ts'
import { memoryEngine } from '#engines/memory/engine.ts'
import { EngineRefusal } from '#domain/engine-trouble.ts'
import { LogLost } from '#domain/log-lost.ts'
import { memoryState } from '#engines/memory/state.ts'
import { given, inState, type ServerForTests, serverForTests } from '#http/testing/server-for-tests.ts'
import type { Database } from '#store/database.ts'
import { leaseRepo } from '#store/leases.ts'
import { store as openStore } from '#store/store.ts'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { givenRun, rowOf } from '#store/testing/rows.ts'
import { holding } from './hold.ts'

const databases = databasesForTests()
let database: Database
beforeEach(async () => {
  database = await databases.fresh()
})

describe('a service that somebody took a part of', () => {
  const lacking = (applied: Applied) => {
    const state = memoryState()
    onTestFinished(() => state.clear())
    const engine = memoryEngine({ state })
    let made = 0
    const observe: Engine['observe'] = async (ref) => {
      const seen = await engine.observe(ref)
      return seen.phase === 'absent' ? seen : { ...seen, incomplete: true, edits: ['its door was taken away'], lookInMs: 50 }
    }
    return { ...engine, observe, apply: async (...asked: Parameters<Engine['apply']>) => (made++ === 0 ? engine.apply(...asked) : applied) }
  }

  test('runs on when that cannot be made again, and says why', async () => {
    const refused = { code: 'node-port-taken', evidence: ['port 30001 is already allocated'] } as const
    const server = await serverForTests(database, { engine: lacking({ refused }) })
    onTestFinished(server.close)
    const { start } = await given(server, 'p', { action: 'deploy' })
    const { id } = await start('sleep infinity')
    const run = await server.until('p', id, ({ status }) => status.state === 'RUNNING' && (status.notes ?? []).length > 0)
    expect(run.status.notes?.map(({ message }) => message)).toEqual(['its door was taken away', 'port 30001 is already allocated'])
    expect(run.status.attempts).toMatchObject([{ number: 1 }])
  })
})

describe('an engine that does not answer', () => {
  const silent = new Set<string>()
  const refusals: Record<string, Error> = {}
  const asked: string[] = []
  const faults = {
    before(method: string): void {
      asked.push(method)
      if (silent.has(method)) throw new Error('connect ECONNREFUSED')
      if (refusals[method]) throw refusals[method]
    },
  }
  let server: ServerForTests
  beforeEach(async () => {
    silent.clear()
    asked.length = 0
    delete refusals['observe']
    server = await serverForTests(database, { faults })
    return server.close
  })

  test('changes no state, is told on the run, and the run goes on when it is back', async () => {
    const { start } = await given(server, 'p')
    silent.add('apply')
    const { id } = await start('echo hello')
    const troubled = await server.until('p', id, ({ status }) => status.verdict !== undefined)
    expect(troubled.status).toMatchObject({
      state: 'READY',
      verdict: { code: 'engine-unreachable', evidence: ['connect ECONNREFUSED'] },
      attempts: [{ number: 1 }],
    })
    silent.clear()
    const done = await server.until('p', id, inState('COMPLETED'))
    expect(done.status.verdict).toBeUndefined()
    expect(done.status.attempts).toHaveLength(1)
    expect([...server.state.starts.values()]).toEqual([1])
  })

  test('is told in its newest words, and what it refuses as that', async () => {
    const { start } = await given(server, 'p', { action: 'deploy' })
    const { id } = await start('sleep infinity')
    await server.until('p', id, inState('RUNNING'))
    const told = async (error: Error, code: string): Promise<void> => {
      refusals['observe'] = error
      server.state.hints.send(id)
      expect((await server.until('p', id, ({ status }) => status.verdict?.evidence[0] === error.message)).status).toMatchObject({
        state: 'RUNNING',
        verdict: { code },
      })
    }
    await told(new Error('no route'), 'engine-unreachable')
    await told(new EngineRefusal({ code: 'access-refused', evidence: ['you may not'] }), 'access-refused')
    await told(new Error('no answer'), 'engine-unreachable')
  })

  test('is not to be confused with one that answers as before: that costs no write', async () => {
    const { start } = await given(server, 'p', { action: 'deploy' })
    const { id } = await start('sleep infinity')
    await server.until('p', id, ({ status }) => status.state === 'RUNNING' && status.containers?.[0]?.ready === true)
    const looks = () => asked.filter((method) => method === 'observe').length
    const lookedTwice = async (): Promise<void> => {
      const before = looks()
      while (looks() < before + 2) {
        server.state.hints.send(id)
        await sleep(50)
      }
    }
    await lookedTwice()
    const { revision } = await rowOf(server.store, id)
    await lookedTwice()
    expect((await rowOf(server.store, id)).revision).toBe(revision)
  })

  test('never ends a running run, nor makes a second container', async () => {
    const { start } = await given(server, 'p', { action: 'deploy' })
    const { id } = await start('sleep infinity')
    await server.until('p', id, inState('RUNNING'))
    for (const method of ['observe', 'list', 'logs', 'health']) silent.add(method)
    server.state.hints.send(id)
    const troubled = await server.until('p', id, ({ status }) => status.verdict?.code === 'engine-unreachable')
    expect(troubled.status.state).toBe('RUNNING')
    silent.clear()
    expect((await server.until('p', id, ({ status }) => status.verdict === undefined)).status).toMatchObject({ state: 'RUNNING', attempts: [{ number: 1 }] })
  })

  test('is not asked again every second by the sweep: the pauses grow', async () => {
    const { start } = await given(server, 'p')
    silent.add('apply')
    const { id } = await start('true')
    await server.until('p', id, ({ status }) => status.verdict !== undefined)
    const row = await rowOf(server.store, id)
    expect(row.look_at.getTime()).toBeGreaterThan(Date.now() + 10_000)
  })

  test('stop is accepted, and done when it is back', async () => {
    const { P, start } = await given(server, 'p', { action: 'deploy' })
    const { id } = await start('sleep infinity')
    await server.until('p', id, inState('RUNNING'))
    for (const method of ['observe', 'stop', 'remove', 'logs']) silent.add(method)
    expect((await server.send('POST', `${P}/runs/${id}/stop`)).status).toBe(200)
    await server.until('p', id, ({ status }) => status.verdict?.code === 'engine-unreachable')
    expect((await server.runOf('p', id)).status.state).toBe('STOP')
    silent.clear()
    await server.until('p', id, inState('STOPPED'))
  })
})

test('a log that the engine has lost is stored as far as it came, and the run says so', async () => {
  const lost = 'the node has cleaned it away'
  const faults = {
    before(method: string): void {
      if (method === 'logs') throw new LogLost(lost)
    },
  }
  const server = await serverForTests(database, { faults })
  onTestFinished(server.close)
  const { P, start } = await given(server, 'p')
  const { id } = await start('echo hello')
  const { status } = await server.until('p', id, inState('COMPLETED'))
  expect(status).toMatchObject({ notes: [{ code: 'log-lost', message: lost }] })
  expect((await server.call(api.runs.logs, `${P}/runs/${id}/logs`)).map(({ content }) => content)).toEqual([''])
})

describe('work under a lease', () => {
  const leases = (ttlMs: number) => leaseRepo(database.db, { owner: 'me', ttlMs })
  const never = new AbortController().signal

  test('is not done twice at once', async () => {
    const { id } = await givenRun(openStore(database.db))
    const options = { leases: leases(5000), ttlMs: 5000, stop: never }
    const inner = await holding(id, options, async () => ({ lookInMs: 0, second: await holding(id, options, async () => ({ lookInMs: 0 })) }))
    expect(inner).toEqual({ lookInMs: 0, second: undefined })
  })

  test('keeps the lease as long as it lasts, and gives it back', async () => {
    const { id } = await givenRun(openStore(database.db))
    const held = await holding(id, { leases: leases(1_500), ttlMs: 1_500, stop: never }, async ({ signal }) => {
      await sleep(4_000)
      return { lookInMs: 0, lost: signal.aborted, other: await leases(1_500).acquire(id) }
    })
    expect(held).toMatchObject({ lost: false, other: undefined })
    expect(await leases(1_500).acquire(id)).toBeDefined()
  })

  test('is told when another server has taken over', async () => {
    const { id } = await givenRun(openStore(database.db))
    const reason = await holding(id, { leases: leases(3_000), ttlMs: 3_000, stop: never }, async ({ signal }) => {
      await database.db.updateTable('run').set({ lease_token: 99 }).where('id', '=', id).execute()
      while (!signal.aborted) await sleep(10)
      return { lookInMs: 0, why: String(signal.reason) }
    })
    expect(reason?.why).toContain('took over')
  })

  test('that fails leaves the run to the pauses of the loop, but at once to the next server when this one ends', async () => {
    const store = openStore(database.db)
    const { id } = await givenRun(store)
    const fail = (stop: AbortSignal) => holding(id, { leases: leases(5000), ttlMs: 5000, stop }, async () => Promise.reject(new Error('no')))
    await expect(fail(never)).rejects.toThrow('no')
    expect(await leases(5000).due(1)).toEqual([])
    await expect(fail(AbortSignal.abort())).rejects.toThrow('no')
    expect(await leases(5000).due(1)).toEqual([id])
  })
})

test('a second server finishes what the first began, without a second container', async () => {
  const state = memoryState()
  onTestFinished(() => state.clear())
  const first = await serverForTests(database, { state })
  const { start } = await given(first, 'p', { action: 'deploy' })
  const { id } = await start('sleep infinity')
  await first.until('p', id, inState('RUNNING'))
  await first.close()
  const second = await serverForTests(databases.again(database), { state })
  expect((await second.send('POST', `/api/v1/-/p/runs/${id}/stop`)).status).toBe(200)
  await second.until('p', id, inState('STOPPED'))
  expect([...state.starts.values()]).toEqual([1])
})

test('two servers on one database share the work, and start each container once', async () => {
  const state = memoryState()
  onTestFinished(() => state.clear())
  const first = await serverForTests(database, { state, embedded: false })
  await serverForTests(databases.again(database), { state, embedded: false })
  const { start } = await given(first, 'p')
  const runs = await Promise.all(Array.from({ length: 20 }, () => start('sleep 0.05; echo done')))
  for (const { id } of runs) await first.until('p', id, inState('COMPLETED'))
  expect([...state.starts.values()]).toEqual(runs.map(() => 1))
  for (const { id } of runs)
    expect((await first.call(api.runs.logs, `/api/v1/-/p/runs/${id}/logs`)).map(({ content }) => content)).toEqual([Buffer.from('done\n').toString('base64')])
})
