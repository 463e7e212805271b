import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest'
import { type House, openHouse } from './support/house.ts'
import { expectCounted, expectNothingLeft, expectStays, type Load, load, runsWell, survives } from './support/kube-load.ts'
import { answering, type KubeWorld, kubeWorld, repair, tellOnFailure } from './support/kube-world.ts'

let world: KubeWorld
let house: House
let work: Load
beforeAll(async () => {
  world = await kubeWorld()
  house = await openHouse({ engine: { kubeconfig: world.kubeconfig } })
  work = await load(await house.project())
})
beforeEach(async () => {
  onTestFailed(() => repair(world.cluster))
  onTestFailed(() => void process.stderr.write(house.logs()))
  tellOnFailure(world)
})
afterAll(async () => {
  await house?.close()
  await world?.close()
})

const server = () => world.cluster.component('kube-apiserver')

test('an API server that hangs for twenty seconds changes the end of no run', () =>
  survives(world, work, async () => {
    await server().signal('SIGSTOP')
    await sleep(20_000)
    await server().signal('SIGCONT')
  }))

test('an API server that is killed and away for a while changes the end of no run', () =>
  survives(world, work, async () => {
    await server().signal('SIGKILL')
    await sleep(12_000)
    await server().start()
    await answering(world.cluster)
  }))

test('etcd that is killed and started again changes the end of no run', () =>
  survives(world, work, async () => {
    await world.cluster.component('etcd').signal('SIGKILL')
    await sleep(5000)
    await world.cluster.component('etcd').start()
    await answering(world.cluster)
  }))

test('while the API server is away the runs say so, and keep their states', async () => {
  const stays = [await runsWell(await work.deploy())]
  await server().signal('SIGKILL')
  const queued = await work.job({ steps: 1, code: 5 })
  await expect.poll(async () => (await queued.run.refresh()).verdict?.code, { timeout: 30_000, interval: 200 }).toBe('engine-unreachable')
  expect(queued.run.state).toBe('READY')
  expect((await stays[0]?.refresh())?.state).toBe('RUNNING')
  await server().start()
  await answering(world.cluster)
  await expectCounted(world, [queued])
  await expectStays(stays)
  await expectNothingLeft(world, { counts: [queued], stays })
})
