import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Davit, getOrCreateProject } from 'davit'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { compose } from '../packages/server/src/compose.ts'
import { memoryEngine } from '../packages/server/src/engines/memory/engine.ts'
import { startPostgres } from '../packages/server/src/postgres/start-postgres.ts'
import { fixedKeys } from '../packages/server/src/secrets-key.ts'
import { openDatabase } from '../packages/server/src/store/database.ts'
import { silentLog } from '../packages/server/src/supervise/log.ts'
import { cacheFolder } from '../testbed/images/index.ts'
import { closeFolder, newFolder, shell } from './support/house.ts'

/** The whole server inside this process, with a clock that the test sets. */
async function serverWithClock(now: () => Date): Promise<Davit> {
  const folder = await newFolder()
  const postgres = await startPostgres({ dir: join(folder, 'postgres'), cacheDir: cacheFolder(), log: silentLog })
  const database = openDatabase(postgres.connection, { maxConnections: 10, onError: () => undefined })
  await database.migrate()
  const server = await compose({
    config: { body_limit: 1_000_000, max_log_bytes: 1_000_000, concurrency: 8 },
    version: 'test',
    database,
    embedded: true,
    engine: memoryEngine(),
    engineEndpoint: undefined,
    keys: fixedKeys(randomBytes(32)),
    logger: pino({ level: 'silent' }),
    now,
  })
  onTestFinished(async () => {
    await server.close()
    await database.close()
    await postgres.stop()
    await closeFolder(folder)
  })
  const endpoint = await server.app.listen({ host: '127.0.0.1', port: 0 })
  server.start()
  return new Davit({ endpoint })
}

test('a clock that jumps five minutes to and fro changes nothing for runs', async () => {
  let looks = 0
  const client = await serverWithClock(() => new Date(Date.now() + (looks++ % 2 === 0 ? 300_000 : -300_000)))
  const project = await getOrCreateProject('clock', { client })
  const fn = await shell(project, 'echo begin; sleep 0.2; echo end')
  const deploy = await (await (await shell(project, 'sleep 600', 'forever')).run('deploy')).wait({ until: 'ready', timeoutMs: 30_000 })
  const jobs = await Promise.all(Array.from({ length: 10 }, () => fn.run('job')))
  for (const run of jobs) {
    await run.wait({ timeoutMs: 30_000 })
    expect(run.status).toMatchObject({ state: 'COMPLETED', attempts: [{ number: 1, outcome: 'succeeded' }] })
    expect((await run.logs()).map(({ text }) => text)).toEqual(['begin\nend\n'])
  }
  expect((await deploy.refresh()).status).toMatchObject({ state: 'RUNNING', attempts: [{ number: 1 }] })
  await deploy.stop()
  expect((await deploy.wait({ timeoutMs: 30_000 })).state).toBe('STOPPED')
  expect(looks).toBeGreaterThan(20)
})

test('a retry that waits is not put off for ever by a clock that went back', async () => {
  let offset = 300_000
  const client = await serverWithClock(() => new Date(Date.now() + offset))
  const fn = await shell(await getOrCreateProject('clock', { client }), 'exit 1')
  const run = await fn.run('job', { backoff_limit: 2 })
  for await (const { status } of run.watch()) if (status.attempts?.[0]?.outcome === 'failed') offset = -300_000
  expect(run.status).toMatchObject({ state: 'ERROR', attempts: [{ number: 1 }, { number: 2 }, { number: 3 }] })
})
