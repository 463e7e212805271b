import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest'
import { type House, openHouse } from './support/house.ts'
import { expectCounted, expectNothingLeft, expectStays, load, runsWell } from './support/kube-load.ts'
import { type KubeWorld, kubeWorld, tellOnFailure } from './support/kube-world.ts'

let world: KubeWorld
let house: House
beforeAll(async () => {
  world = await kubeWorld('cluster')
  house = await openHouse({ engine: { kubeconfig: world.kubeconfig }, flags: ['--namespace-per-project', '--namespace-prefix', `${world.namespace}-`] })
})
beforeEach(async () => {
  onTestFailed(() => void process.stderr.write(house.logs()))
  tellOnFailure(world)
})
afterAll(async () => {
  await house?.close()
  await world?.cluster.kubectl(['delete', 'namespace', `${world.namespace}-lost`, `${world.namespace}-kept`, '--ignore-not-found', '--wait=false'])
  await world?.close()
})

test("a project's namespace that is deleted by hand is made again for what should stay, and jobs say what became of them", async () => {
  const [lost, kept] = [await load(await house.project('lost')), await load(await house.project('kept'))]
  const stays = [await runsWell(await lost.serve())]
  const elsewhere = await kept.job({ steps: 20, code: 3 })
  const [once, again] = await Promise.all([lost.job({ steps: 100, code: 0 }), lost.job({ steps: 20, code: 0, retries: 1 })])
  for (const { run } of [once, again, elsewhere]) await runsWell(run)
  await world.cluster.kubectl(['delete', 'namespace', `${world.namespace}-lost`, '--wait=false'])
  const during = await lost.job({ steps: 1, code: 2 })
  await once.run.wait({ timeoutMs: 60_000 })
  expect(once.run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'workload-removed' }, attempts: [{ number: 1, outcome: 'failed' }] })
  await again.run.wait({ timeoutMs: 90_000 })
  expect(again.run.status).toMatchObject({
    state: 'COMPLETED',
    attempts: [
      { number: 1, outcome: 'failed' },
      { number: 2, outcome: 'succeeded' },
    ],
  })
  await expectCounted(world, [elsewhere, during])
  await expect.poll(async () => (await stays[0]?.refresh())?.status.attempts?.[0]?.outcome, { timeout: 30_000 }).toBe('replaced')
  await runsWell(stays[0] ?? once.run)
  await expectStays(stays, { attempts: 2 })
  await expectNothingLeft(world, { counts: [once, again, elsewhere, during], stays })
})
