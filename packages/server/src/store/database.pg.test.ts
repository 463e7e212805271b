import { setTimeout as sleep } from 'node:timers/promises'
import { expect, describe, onTestFinished, test } from 'vitest'
import type { Database } from './database.ts'
import { leaseRepo } from './leases.ts'
import { listen } from './listen.ts'
import { store as openStore } from './store.ts'
import { ask, databasesForTests } from './testing/database-for-tests.ts'
import { givenRun, rowOf } from './testing/rows.ts'

const databases = databasesForTests()

describe('migrations', () => {
  const tablesOf = async (database: Database) =>
    (
      await ask<{ name: string }>(
        databases.connectionOf(database),
        "select table_name as name from information_schema.tables where table_schema = 'public' order by 1",
      )
    ).map(({ name }) => name)

  test('bring an empty database up to date; a second time they do nothing', async () => {
    const database = await databases.fresh('empty')
    await database.migrate()
    const tables = await tablesOf(database)
    expect(tables).toEqual(
      expect.arrayContaining(['project', 'function', 'task', 'run', 'transition', 'attempt', 'log_stream', 'log_chunk', 'secret', 'audit', 'setting']),
    )
    const run = await givenRun(openStore(database.db))
    await database.migrate()
    expect(await tablesOf(database)).toEqual(tables)
    expect(await rowOf(openStore(database.db), run.id)).toEqual(run)
  })

  test('are made once by several servers that start at once', async () => {
    const database = await databases.fresh('empty')
    const servers = [database, databases.again(database), databases.again(database), databases.again(database)]
    expect((await Promise.allSettled(servers.map((server) => server.migrate()))).map(({ status }) => status)).toEqual(servers.map(() => 'fulfilled'))
    expect(await tablesOf(database)).toContain('run')
  })
})

test('a connection whose statements were made useless by a newer schema fails once at most, and only so', async () => {
  const database = await databases.fresh()
  const store = openStore(database.db)
  const { id } = await givenRun(store)
  for (let again = 0; again < 3; again++) await store.runs.findById(id)
  await ask(databases.connectionOf(database), 'alter table run add column later text')
  const first = await store.runs.findById(id).catch((error: unknown) => String(error))
  expect(typeof first === 'string' ? first : first?.id).toMatch(/cached plan must not change result type|^id/)
  expect(await rowOf(store, id)).toMatchObject({ id, later: null })
})

test('the version is that of the server', async () => {
  expect(await (await databases.fresh()).version()).toMatch(/^\d+/)
})

describe('who listens', () => {
  const listening = async (database: Database) => {
    const heard: (string | undefined)[] = []
    const errors: unknown[] = []
    const stop = new AbortController()
    const ended = listen(database.connection, { onChange: (id) => void heard.push(id), onError: (error) => void errors.push(error) }, stop.signal)
    onTestFinished(async () => {
      stop.abort()
      await ended
    })
    const until = async (there: () => boolean) => {
      for (const patience = Date.now() + 20_000; !there(); await sleep(10)) if (Date.now() > patience) throw new Error(`heard only ${JSON.stringify(heard)}`)
    }
    await until(() => heard.length > 0)
    return { heard, errors, until, stop, ended }
  }

  test('hears of every change that clients can see, in any server, and of nothing else', async () => {
    const database = await databases.fresh()
    const { heard, until } = await listening(database)
    const store = openStore(databases.again(database).db)
    const leases = leaseRepo(database.db, { owner: 'me', ttlMs: 60_000 })
    const run = await givenRun(store)
    const lease = await leases.acquire(run.id)
    await leases.extend(run.id, lease?.token ?? 0)
    await leases.release(run.id, lease?.token ?? 0, 0)
    const moved = await store.transact((inside) => inside.runs.move(run, { to: 'STOP' }))
    await store.runs.show(moved ?? run, { token: lease?.token ?? 0, status: { phase: 'stopping' } })
    expect(await store.runs.settle(moved ?? run, lease?.token ?? 0)).toBe(true)
    const last = await givenRun(store)
    await until(() => heard.includes(last.id))
    expect(heard).toEqual([undefined, run.id, run.id, run.id, last.id])
  })

  test('hears nothing of a change that was rolled back', async () => {
    const database = await databases.fresh()
    const { heard, until } = await listening(database)
    const store = openStore(database.db)
    const run = await givenRun(store)
    const failing = store.transact(async (inside) => {
      await inside.runs.move(run, { to: 'STOP' })
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    const last = await givenRun(store)
    await until(() => heard.includes(last.id))
    expect(heard).toEqual([undefined, run.id, last.id])
  })

  test('comes back after a broken connection, and is told that it may have missed something', async () => {
    const database = await databases.fresh()
    const { heard, errors, until } = await listening(database)
    await ask(databases.connectionOf(database), "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and pid <> pg_backend_pid()")
    await until(() => heard.length > 1)
    expect(heard).toEqual([undefined, undefined])
    expect(errors).toHaveLength(1)
    const run = await givenRun(openStore(database.db))
    await until(() => heard.includes(run.id))
  })

  test('stops when told, without an error', async () => {
    const { stop, ended, errors } = await listening(await databases.fresh())
    stop.abort()
    await ended
    expect(errors).toEqual([])
  })
})
