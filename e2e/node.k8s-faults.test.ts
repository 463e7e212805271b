import { setTimeout as sleep } from 'node:timers/promises'
import type { RunHandle } from 'davit'
import { expect, test } from 'vitest'
import { faultScene } from './support/fault-scene.ts'
import { expectCounted, expectNothingLeft, expectStays, runsWell } from './support/kube-load.ts'
import { answering } from './support/kube-world.ts'

const scene = faultScene()

const saysLost = async (run: RunHandle): Promise<void> => {
  await expect.poll(async () => (await run.refresh()).verdict?.code, { timeout: 90_000, interval: 300 }).toBe('node-lost')
}

test('a kubelet that is killed and comes back changes the end of no run', async () => {
  const stays = await Promise.all([scene.work.deploy(), scene.work.serve()].map(async (run) => runsWell(await run)))
  const running = await Promise.all([scene.work.job({ steps: 40, code: 7 }), scene.work.job({ steps: 6, code: 3 })])
  await Promise.all(running.map(({ run }) => runsWell(run)))
  const kubelet = scene.world.cluster.component('kubelet')
  await kubelet.signal('SIGKILL')
  const submitted = await scene.work.job({ steps: 1, code: 2 })
  await sleep(6000)
  await kubelet.start()
  const counts = [...running, submitted]
  await expectCounted(scene.world, counts)
  await expectStays(stays)
  await expectNothingLeft(scene.world, { counts, stays })
})

test('runs on a node that is gone say so and wait, and go on when it is back', async () => {
  const stays = await Promise.all([scene.work.deploy(), scene.work.serve()].map(async (run) => runsWell(await run)))
  const counts = await Promise.all([scene.work.job({ steps: 100, code: 6 }), scene.work.job({ steps: 4, code: 0 })])
  await Promise.all(counts.map(({ run }) => runsWell(run)))
  const parts = (['kubelet', 'containerd'] as const).map((name) => scene.world.cluster.component(name))
  for (const part of parts) await part.signal('SIGSTOP')
  for (const run of [...counts.map((one) => one.run), ...stays]) await saysLost(run)
  for (const run of [...counts.map((one) => one.run), ...stays]) expect(run.state).toBe('RUNNING')
  for (const part of parts.toReversed()) await part.signal('SIGCONT')
  await answering(scene.world.cluster)
  await expectCounted(scene.world, counts)
  await expectStays(stays)
  await expectNothingLeft(scene.world, { counts, stays })
})
