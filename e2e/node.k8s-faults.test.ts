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

test('runs on a node that is silent say so and wait, and go on when it is back; those that are stopped or deleted end without it', async () => {
  const stays = await Promise.all([scene.work.deploy(), scene.work.serve()].map(async (run) => runsWell(await run)))
  const [away, halted, deleted] = await Promise.all([scene.work.deploy(), scene.work.job({ steps: 400, code: 0 }), scene.work.serve()])
  await Promise.all([away, halted.run, deleted].map(runsWell))
  // The second ends while its node is silent.
  const counts = await Promise.all([scene.work.job({ steps: 100, code: 6 }), scene.work.job({ steps: 20, code: 0 })])
  await Promise.all(counts.map(({ run }) => runsWell(run)))
  const parts = (['kubelet', 'containerd'] as const).map((name) => scene.world.cluster.component(name))
  for (const part of parts) await part.signal('SIGSTOP')
  for (const run of [...counts.map((one) => one.run), ...stays]) await saysLost(run)
  for (const run of [...counts.map((one) => one.run), ...stays]) expect(run.state).toBe('RUNNING')
  for (const run of [away, halted.run]) {
    await run.stop()
    await expect.poll(async () => (await run.refresh()).status, { timeout: 30_000 }).toMatchObject({ phase: 'stopping', verdict: { code: 'node-lost' } })
  }
  await deleted.delete()
  for (const run of [away, halted.run]) {
    await run.wait({ timeoutMs: 120_000 })
    expect(run.status).toMatchObject({ state: 'STOPPED', notes: [{ code: 'log-lost', message: expect.stringContaining('may go on running') }] })
  }
  await expect.poll(() => deleted.refresh().catch(({ code }) => code), { timeout: 30_000 }).toBe('not_found')
  for (const part of parts.toReversed()) await part.signal('SIGCONT')
  await answering(scene.world.cluster)
  await expectCounted(scene.world, counts)
  await expectStays(stays)
  await expectNothingLeft(scene.world, { counts, stays })
  expect(await scene.world.leftOf([away, halted.run, deleted])).toEqual([])
}, 300_000)

test('a node that is gone for good takes its pods along: a job is tried again where it may be, else it is an error, and a deploy moves', async () => {
  const stays = await runsWell(await scene.work.deploy())
  const [once, again] = await Promise.all([scene.work.job({ steps: 400, code: 0 }), scene.work.job({ steps: 400, code: 0, retries: 1 })])
  await Promise.all([once.run, again.run].map(runsWell))
  const pods = (run: RunHandle): Promise<string> => scene.world.kubectl('get', 'pods', '-l', `davit.dev/run=${run.id}`, '-o', 'name')
  const [before, node] = [await pods(stays), scene.world.cluster.nodeNames[0] ?? '']
  const kubelet = scene.world.cluster.component('kubelet')
  await kubelet.signal('SIGKILL')
  await scene.world.cluster.kubectl(['delete', 'node', node])
  await once.run.wait({ timeoutMs: 120_000 })
  expect(once.run.status).toMatchObject({ state: 'ERROR', verdict: { code: expect.stringMatching(/^(?:evicted|workload-removed)$/) } })
  await kubelet.start()
  await answering(scene.world.cluster)
  const attempts = async () => (await again.run.refresh()).status
  await expect.poll(attempts, { timeout: 60_000 }).toMatchObject({ state: 'RUNNING', attempts: [{ outcome: 'failed' }, { number: 2 }] })
  expect(await pods(stays)).not.toBe(before)
  await expectStays([stays])
  expect(stays.status.notes).toMatchObject([{ code: 'log-lost' }])
  await again.run.stop()
  await again.run.wait({ timeoutMs: 60_000 })
  await expectNothingLeft(scene.world, { counts: [once, again], stays: [stays], pods: 2 })
}, 300_000)
