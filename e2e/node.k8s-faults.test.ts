import { setTimeout as sleep } from 'node:timers/promises'
import type { RunHandle } from 'davit'
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest'
import { type House, openHouse } from './support/house.ts'
import { expectCounted, expectNothingLeft, expectStays, type Load, load, runsWell } from './support/kube-load.ts'
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

const saysLost = (run: RunHandle) => expect.poll(async () => (await run.refresh()).verdict?.code, { timeout: 90_000, interval: 300 }).toBe('node-lost')

test('a kubelet that is killed and comes back changes the end of no run', async () => {
  const stays = await Promise.all([work.deploy(), work.serve()].map(async (run) => runsWell(await run)))
  const running = await Promise.all([work.job({ steps: 40, code: 7 }), work.job({ steps: 6, code: 3 })])
  await Promise.all(running.map(({ run }) => runsWell(run)))
  const kubelet = world.cluster.component('kubelet')
  await kubelet.signal('SIGKILL')
  const submitted = await work.job({ steps: 1, code: 2 })
  await sleep(6000)
  await kubelet.start()
  const counts = [...running, submitted]
  await expectCounted(world, counts)
  await expectStays(stays)
  await expectNothingLeft(world, { counts, stays })
})

test('runs on a node that is gone say so and wait, and go on when it is back', async () => {
  const stays = await Promise.all([work.deploy(), work.serve()].map(async (run) => runsWell(await run)))
  const counts = await Promise.all([work.job({ steps: 100, code: 6 }), work.job({ steps: 4, code: 0 })])
  await Promise.all(counts.map(({ run }) => runsWell(run)))
  const parts = (['kubelet', 'containerd'] as const).map((name) => world.cluster.component(name))
  for (const part of parts) await part.signal('SIGKILL')
  for (const run of [...counts.map((one) => one.run), ...stays]) await saysLost(run)
  for (const run of [...counts.map((one) => one.run), ...stays]) expect(run.state).toBe('RUNNING')
  for (const part of parts.toReversed()) await part.start()
  await answering(world.cluster)
  await expectCounted(world, counts)
  await expectStays(stays)
  await expectNothingLeft(world, { counts, stays })
})
