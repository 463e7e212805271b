import { expect, test } from 'vitest'
import { grant } from '../packages/server/src/engines/kubernetes/kubernetes-fixture.ts'
import { faultScene } from './support/fault-scene.ts'
import { expectCounted, expectNothingLeft, expectStays, runsWell } from './support/kube-load.ts'

const scene = faultScene()

test('the one namespace of all projects that is deleted takes its runs along and our rights too; once somebody has made it again, what should stay is back', async () => {
  const { cluster, namespace, user } = scene.world
  const [stays, lost] = await Promise.all([scene.work.serve(), scene.work.job({ steps: 200, code: 0 })])
  await Promise.all([runsWell(stays), runsWell(lost.run)])
  await cluster.kubectl(['delete', 'namespace', namespace])
  const during = await scene.work.job({ steps: 1, code: 3 })
  await expect.poll(async () => (await during.run.refresh()).verdict?.code, { timeout: 40_000, interval: 200 }).toBeDefined()
  for (const run of [stays, during.run]) expect((await run.refresh()).state, run.name).not.toBe('ERROR')
  await cluster.kubectl(['create', 'namespace', namespace])
  await grant(cluster, user, 'namespace', namespace)
  await lost.run.wait({ timeoutMs: 60_000 })
  expect(lost.run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'workload-removed' }, attempts: [{ number: 1, outcome: 'failed' }] })
  await expectCounted(scene.world, [during])
  await runsWell(stays)
  await expectStays([stays], { attempts: 2 })
  await expectNothingLeft(scene.world, { counts: [lost, during], stays: [stays], pods: 2 })
})
