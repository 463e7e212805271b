import { Davit, type FunctionHandle, getOrCreateProject } from 'davit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shell, testHouse } from './support/house.ts'
import { type OwnDatabase, startOwnDatabase } from './support/own-database.ts'
import { startTestEngine, type TestEngine } from './support/test-engine.ts'

test('a second server on a data folder names the first by pid and address, and exits with 5', async () => {
  const house = await testHouse()
  const { code, said } = await house.refused()
  expect(code).toBe(5)
  expect(said).toContain(`pid ${house.server.pid}`)
  expect(said).toContain(house.url)
  expect((await fetch(`${house.url}/readyz`)).status).toBe(200)
})

let engine: TestEngine
let database: OwnDatabase
beforeAll(async () => {
  engine = await startTestEngine()
  database = await startOwnDatabase()
})
afterAll(async () => {
  await database?.close()
  await engine?.close()
})

const COUNT = 15

/** Two servers, two data folders, one database and one engine. */
const pair = async () => {
  const one = () => testHouse({ engine, flags: database.flags })
  return Promise.all([one(), one()])
}
const jobs = (fn: FunctionHandle) => Promise.all(Array.from({ length: COUNT }, async () => (await fn.run('job')).id))

/** Waits for all runs at `url`, and checks that each was started once and ended well. */
async function expectOnce(url: string, project: string, ids: readonly string[]): Promise<void> {
  const client = new Davit({ endpoint: url, retries: 20 })
  for (const id of ids) {
    const run = await client.runs.wait(project, id, { timeoutMs: 120_000 })
    expect(run.status).toMatchObject({ state: 'COMPLETED', attempts: [{ number: 1, outcome: 'succeeded', exit_code: 0 }] })
    expect(await engine.startsOf(id)).toHaveLength(1)
  }
}

test('of two servers on one database and one engine each run is started by one only, and both see the same', async () => {
  const [one, two] = await pair()
  const fn = await shell(await one.project('pair'), 'echo ok')
  const same = await (await getOrCreateProject('pair', { client: two.client() })).getFunction('shell')
  const ids = (await Promise.all([jobs(fn), jobs(same)])).flat()
  await expectOnce(one.url, 'pair', ids)
  await expectOnce(two.url, 'pair', ids)
})

test('when one of two servers is killed half-way the other finishes what it had begun', async () => {
  const [one, two] = await pair()
  const fn = await shell(await one.project('heirs'), 'sleep 0.3; echo ok')
  const ids = [...(await jobs(fn)), ...(await jobs(fn))]
  const first = await one.client().runs.wait('heirs', ids[0] ?? '', { timeoutMs: 60_000 })
  expect(first.status.state).toBe('COMPLETED')
  await one.server.end('SIGKILL')
  await expectOnce(two.url, 'heirs', ids)
})
