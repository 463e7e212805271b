import { afterAll, expect, test } from 'vitest'
import { faultScene } from './support/fault-scene.ts'
import { expectCounted, expectNothingLeft, expectStays, load, runsWell } from './support/kube-load.ts'

const scene = faultScene({ role: 'cluster', flags: ({ namespace }) => ['--namespace-per-project', '--namespace-prefix', `${namespace}-`] })
afterAll(async () => {
  const { cluster, namespace } = scene.world
  await cluster.kubectl(['delete', 'namespace', `${namespace}-lost`, `${namespace}-kept`, '--ignore-not-found', '--wait=false'])
})

test("a project's namespace that is deleted by hand is made again for what should stay, and jobs say what became of them", async () => {
  const [lost, kept] = [await load(await scene.house.project('lost')), await load(await scene.house.project('kept'))]
  const stays = [await runsWell(await lost.serve())]
  const elsewhere = await kept.job({ steps: 20, code: 3 })
  const [once, again] = await Promise.all([lost.job({ steps: 100, code: 0 }), lost.job({ steps: 40, code: 0, retries: 1 })])
  for (const { run } of [once, again, elsewhere]) await runsWell(run)
  await scene.world.cluster.kubectl(['delete', 'namespace', `${scene.world.namespace}-lost`, '--wait=false'])
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
  await expectCounted(scene.world, [elsewhere, during])
  await expect.poll(async () => (await stays[0]?.refresh())?.status.attempts?.[0]?.outcome, { timeout: 30_000 }).toBe('replaced')
  await runsWell(stays[0] ?? once.run)
  await expectStays(stays, { attempts: 2 })
  await expectNothingLeft(scene.world, { counts: [once, again, elsewhere, during], stays, pods: 2 })
})
