import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { getOrCreateProject } from 'davit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type EmbeddedPostgres, startPostgres } from '../packages/server/src/postgres/start-postgres.ts'
import { silentLog } from '../packages/server/src/supervise/log.ts'
import { cacheFolder } from '../testbed/images/index.ts'
import { closeFolder, type House, newFolder, testHouse } from './support/house.ts'
import { type CountRun, expectCounted, expectNothingLeft, expectStays, type Load, load, paramsOf, runsWell } from './support/kube-load.ts'
import { type KubeWorld, kubeWorld, tellOnFailure } from './support/kube-world.ts'

let world: KubeWorld
let folder: string
let postgres: EmbeddedPostgres
beforeAll(async () => {
  world = await kubeWorld()
  folder = await newFolder()
  postgres = await startPostgres({ dir: join(folder, 'postgres'), cacheDir: cacheFolder(), log: silentLog })
})
beforeEach(() => tellOnFailure(world))
afterAll(async () => {
  await postgres?.stop()
  if (folder) await closeFolder(folder)
  await world?.close()
})

const databaseUrl = (): string =>
  `postgresql://${postgres.connection.user}@localhost:${postgres.connection.port}/${postgres.connection.database}?host=${encodeURIComponent(postgres.connection.host)}`

/** Two servers, two data folders, one database, one key for its secrets and one cluster. */
async function pair(): Promise<readonly [House, House]> {
  const open = (keyFile: string) =>
    testHouse({ engine: { kubeconfig: world.kubeconfig }, flags: ['--database', databaseUrl(), '--secrets-key-file', keyFile] })
  const one = await open(join(folder, 'secrets.key'))
  return [one, await open(join(folder, 'secrets.key'))]
}

/** The same functions, asked for at the other server. */
async function at(house: House, { project }: Load): Promise<Load['job']> {
  const counter = await (await getOrCreateProject(project.name, { client: house.client() })).getFunction('counter')
  return async (count) => ({ ...count, run: await counter.run('job', paramsOf(count)) })
}

const many = (job: Load['job'], steps: number): Promise<readonly CountRun[]> => Promise.all(Array.from({ length: 6 }, (_, code) => job({ steps, code })))

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
  await expectCounted(world, counts)
  await expectStays(stays)
  await expectNothingLeft(world, { counts, stays })
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
