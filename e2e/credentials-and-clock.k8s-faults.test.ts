import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { grant } from '../packages/server/src/engines/kubernetes/kubernetes-fixture.ts'
import { testHouse } from './support/house.ts'
import { expectCounted, expectNothingLeft, expectStays, load, runsWell } from './support/kube-load.ts'
import { type KubeWorld, kubeWorld, tellOnFailure } from './support/kube-world.ts'
import { IMAGE } from './support/test-engine.ts'

let world: KubeWorld
beforeAll(async () => {
  world = await kubeWorld()
})
beforeEach(() => tellOnFailure(world))
afterAll(() => world?.close())

test('credentials that end while runs are under way fail nothing, and all goes on once they are renewed', async () => {
  const { cluster, namespace, kubectl } = world
  await kubectl('create', 'serviceaccount', 'davit')
  await grant(cluster, `system:serviceaccount:${namespace}:davit`, 'namespace', namespace)
  const token = (validSeconds: number): Promise<string> => cluster.tokenKubeconfig({ namespace, serviceAccount: 'davit', validSeconds })
  const kubeconfig = await token(600)
  const work = await load(await (await testHouse({ engine: { kubeconfig } })).project())
  const stays = [await runsWell(await work.serve())]
  const counts = await Promise.all([work.job({ steps: 50, code: 7 }), work.job({ steps: 20, code: 0 })])
  await Promise.all(counts.map(({ run }) => runsWell(run)))
  await copyFile(await token(-60), kubeconfig) // ended a minute ago
  await sleep(6000) // its files are looked at every few seconds
  const during = await work.job({ steps: 1, code: 2 })
  await expect.poll(async () => (await during.run.refresh()).verdict?.code, { timeout: 30_000, interval: 200 }).toBe('engine-unreachable')
  expect(during.run.state).toBe('READY')
  await sleep(5000) // the shorter job ends meanwhile, and its log cannot be read
  for (const run of [...counts.map((one) => one.run), ...stays]) expect((await run.refresh()).state).toBe('RUNNING')
  await copyFile(await token(600), kubeconfig)
  await expectCounted(world, [...counts, during])
  await expectStays(stays)
  await expectNothingLeft(world, { counts: [...counts, during], stays })
})

const clock = (shiftMs: number) => ({
  engine: { kubeconfig: world.kubeconfig },
  env: { NODE_OPTIONS: `--import=${join(import.meta.dirname, 'support/kube-clock.ts')}`, TEST_CLOCK_SHIFT_MS: String(shiftMs) },
})

test.each([
  ['ahead of', 300_000],
  ['behind', -300_000],
] as const)('a server whose clock is five minutes %s the cluster does everything as ever', async (_, shift) => {
  const house = await testHouse(clock(shift))
  const project = await house.project()
  expect(Math.abs(Date.parse(project.entity.metadata?.created ?? '') - Date.now() - shift)).toBeLessThan(60_000) // the clock is really off
  const work = await load(project)
  const stays = await Promise.all([work.deploy(), work.serve()].map(async (run) => runsWell(await run)))
  const counts = await Promise.all([work.job({ steps: 10, code: 7 }), work.job({ steps: 1, code: 0 }), work.job({ steps: 1, code: 3 })])
  // A registry that cannot be reached is waited for: for as long as ever, by the cluster's own clock.
  const missing = await project.newFunction({ name: 'missing', kind: 'container', image: 'localhost:1/davit/missing:1' })
  const begun = performance.now()
  const unreachable = await (await missing.run('job')).wait({ timeoutMs: 60_000 })
  expect(unreachable.status).toMatchObject({ state: 'ERROR', verdict: { code: 'image-registry-unreachable' } })
  expect(performance.now() - begun).toBeGreaterThan(8000)
  const crashing = await project.newFunction({ name: 'crashing', kind: 'container', image: IMAGE, command: 'sh', args: ['-c', 'exit 3'] })
  const retried = await (await crashing.run('job', { backoff_limit: 1 })).wait({ timeoutMs: 60_000 })
  expect(retried.status).toMatchObject({ state: 'ERROR', verdict: { exit_code: 3 }, attempts: [{ number: 1 }, { number: 2 }] })
  await expectCounted(world, counts)
  await expectStays(stays)
  await expectNothingLeft(world, { counts, stays })
})
