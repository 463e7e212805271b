import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { faultScene } from './support/fault-scene.ts'
import { type CountRun, expectCounted, expectNothingLeft, expectStays, runsWell, survives } from './support/kube-load.ts'
import { answering } from './support/kube-world.ts'

const scene = faultScene()

const server = () => scene.world.cluster.component('kube-apiserver')

test('an API server that hangs for twenty seconds changes the end of no run', () =>
  survives(scene.world, scene.work, async () => {
    await server().signal('SIGSTOP')
    await sleep(20_000)
    await server().signal('SIGCONT')
  }))

test('an API server that is killed and away for a while changes the end of no run, and does late what was asked meanwhile, though the server dies too', async () => {
  const queued: CountRun[] = []
  const [stopped, deleted, resumed] = await Promise.all([scene.work.deploy(), scene.work.serve(), scene.work.deploy()].map(async (run) => runsWell(await run)))
  if (!stopped || !deleted || !resumed) throw new Error('three runs were asked for')
  await resumed.stop()
  await resumed.wait({ timeoutMs: 60_000 })
  await survives(scene.world, scene.work, async () => {
    await server().signal('SIGKILL')
    const count = await scene.work.job({ steps: 1, code: 5 })
    queued.push(count)
    await expect.poll(async () => (await count.run.refresh()).verdict?.code, { timeout: 30_000, interval: 200 }).toBe('engine-unreachable')
    expect(count.run.state).toBe('READY')
    await Promise.all([stopped.stop(), deleted.delete(), resumed.resume()])
    await sleep(4000) // until the watches' knowledge is too old to be evidence
    await scene.house.server.end('SIGKILL')
    await scene.house.start() // and finds no cluster
    await server().start()
    await answering(scene.world.cluster)
  })
  await expectCounted(scene.world, queued)
  await stopped.wait({ timeoutMs: 60_000 })
  await expectStays([resumed], { attempts: 2 })
  await resumed.stop()
  await resumed.wait({ timeoutMs: 60_000 })
  await expectNothingLeft(scene.world, { counts: queued, stays: [stopped] })
  await expect.poll(async () => (await scene.work.project.listRuns()).map(({ id }) => id), { timeout: 30_000 }).not.toContain(deleted.id)
  expect(await scene.world.leftOf([deleted, resumed])).toEqual([])
})

test('etcd that is killed and started again changes the end of no run', () =>
  survives(scene.world, scene.work, async () => {
    await scene.world.cluster.component('etcd').signal('SIGKILL')
    await sleep(5000)
    await scene.world.cluster.component('etcd').start()
    await answering(scene.world.cluster)
  }))
