import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { getOrCreateProject } from 'davit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type House, testHouse } from './support/house.ts'
import { type CountRun, expectCounted, expectNothingLeft, expectStays, type Load, load, paramsOf, runsWell } from './support/kube-load.ts'
import { type OwnDatabase, startOwnDatabase } from './support/own-database.ts'
import { type KubeWorld, kubeWorld, tellOnFailure } from './support/kube-world.ts'

let world: KubeWorld
let database: OwnDatabase
beforeAll(async () => {
  world = await kubeWorld()
  database = await startOwnDatabase()
})
beforeEach(() => tellOnFailure(world))
afterAll(async () => {
  await database?.close()
  await world?.close()
})

/** Two servers, two data folders, one database, one key for its secrets and one cluster. */
async function pair(): Promise<readonly [House, House]> {
  const env = { DAVIT_SECRETS_KEY: randomBytes(32).toString('hex') }
  const open = () => testHouse({ engine: { kubeconfig: world.kubeconfig }, flags: database.flags, env })
  const one = await open()
  return [one, await open()]
}

/** The same functions, asked for at the other server. */
async function at(house: House, { project }: Load): Promise<Load['job']> {
  const counter = await (await getOrCreateProject(project.name, { client: house.client() })).getFunction('counter')
  return async (count) => ({ ...count, run: await counter.run('job', paramsOf(count)) })
}

const many = (job: Load['job'], steps: number): Promise<readonly CountRun[]> =>
  Promise.all(Array.from({ length: 6 }, (_, code) => job({ steps, code, bare: code % 2 === 1 })))

/** No object was made twice: not by both, and not by one after the other. */
async function expectMadeOnce(): Promise<void> {
  const made = await world.madeByUser()
  expect(made.size).toBeGreaterThan(10)
  expect([...made].filter(([, times]) => times > 1)).toEqual([])
}

test('of two servers on one database and one cluster each run is made by one only', async () => {
  const [one, two] = await pair()
  const work = await load(await one.project('pair'))
  const stays = await Promise.all([work.deploy(), work.serve()].map(async (run) => runsWell(await run)))
  const counts = (await Promise.all([many(work.job, 2), many(await at(two, work), 2)])).flat()
  await expectCounted(world, counts)
  await expectStays(stays)
  await expectNothingLeft(world, { counts, stays })
  await expectMadeOnce()
})

test('when one of two servers is killed half-way the other finishes what it had begun', async () => {
  const [one, two] = await pair()
  const work = await load(await two.project('heirs'))
  const stays = [await runsWell(await work.serve())]
  const counts = [...(await many(await at(one, work), 1)), ...(await many(work.job, 6))]
  await expect.poll(async () => (await counts[0]?.run.refresh())?.state, { timeout: 60_000, interval: 50 }).toBe('COMPLETED')
  await one.server.end('SIGKILL')
  const heirs = await Promise.all(counts.map(async (count) => ({ ...count, run: await work.project.getRun(count.run.id) })))
  await expectCounted(world, heirs)
  await expectStays(stays)
  await expectNothingLeft(world, { counts: heirs, stays })
  await expectMadeOnce()
})

test('a server that sleeps until another has taken over its runs does nothing with them when it wakes', async () => {
  const [one, two] = await pair()
  const work = await load(await two.project('sleeper'))
  const job = await at(one, work)
  const counts = [...(await many(job, 4)), ...(await many(job, 1))]
  process.kill(one.server.pid, 'SIGSTOP')
  await sleep(14_000)
  process.kill(one.server.pid, 'SIGCONT')
  await expectCounted(world, counts)
  await expectNothingLeft(world, { counts, stays: [] })
  await expectMadeOnce()
})
