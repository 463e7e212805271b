import type { RunHandle } from 'davit'
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest'
import { workloadName } from '../packages/server/src/domain/names.ts'
import { type House, openHouse } from './support/house.ts'
import { type CountRun, expectCounted, expectNothingLeft, expectStays, type Load, load, runsWell } from './support/kube-load.ts'
import { type KubeWorld, kubeWorld, tellOnFailure } from './support/kube-world.ts'

let world: KubeWorld
let house: House
let work: Load
beforeAll(async () => {
  world = await kubeWorld()
  house = await openHouse({ engine: { kubeconfig: world.kubeconfig } })
  work = await load(await house.project())
})
beforeEach(async () => {
  onTestFailed(() => void process.stderr.write(house.logs()))
  tellOnFailure(world)
})
afterAll(async () => {
  await house?.close()
  await world?.close()
})

const nameOf = ({ id }: RunHandle, action: 'job' | 'deploy' | 'serve', attempt = 1): string => workloadName({ id, action }, attempt)
const podOf = async (run: RunHandle): Promise<string> =>
  (await world.kubectl('get', 'pods', '-l', `davit.dev/run=${run.id}`, '-o', 'jsonpath={.items[0].metadata.name}')).trim()
const started = async (count: Promise<CountRun>): Promise<CountRun> => {
  const { run } = await count
  await runsWell(run)
  return count
}
const edits = (run: RunHandle) => async (): Promise<string> =>
  ((await run.refresh()).status.notes ?? [])
    .filter(({ code }) => code === 'edited')
    .map(({ message }) => message)
    .join('; ')

const evict = async (pod: string): Promise<void> => {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: world.namespace } }
  await world.cluster.kubectl(['create', '--raw', `/api/v1/namespaces/${world.namespace}/pods/${pod}/eviction`, '-f', '-'], JSON.stringify(eviction))
}

/** What takes a job's pod away, and what its run says then. */
const REMOVALS = {
  'pod is deleted': { code: 'workload-removed', act: async (run: RunHandle) => void (await world.kubectl('delete', 'pod', await podOf(run), '--wait=false')) },
  'pod is deleted at once': {
    code: 'workload-removed',
    act: async (run: RunHandle) => void (await world.kubectl('delete', 'pod', await podOf(run), '--grace-period=0', '--force', '--wait=false')),
  },
  'pod is evicted': { code: 'evicted', act: async (run: RunHandle) => evict(await podOf(run)) },
  'Job is deleted': { code: 'workload-removed', act: async (run: RunHandle) => void (await world.kubectl('delete', 'job', nameOf(run, 'job'), '--wait=false')) },
} as const

test.each(Object.entries(REMOVALS))('a job whose %s by hand says so, and is tried again only where its rule says so', async (_, { code, act }) => {
  const [once, again] = await Promise.all([started(work.job({ steps: 200, code: 0 })), started(work.job({ steps: 200, code: 0, retries: 1 }))])
  await Promise.all([act(once.run), act(again.run)])
  await once.run.wait({ timeoutMs: 60_000 })
  expect(once.run.status).toMatchObject({ state: 'ERROR', verdict: { code }, attempts: [{ number: 1, outcome: 'failed' }] })
  expect(once.run.status.attempts).toHaveLength(1)
  await expect.poll(async () => (await again.run.refresh()).status.attempts?.[1]?.started, { timeout: 60_000, interval: 200 }).toBeTruthy()
  await again.run.stop()
  await again.run.wait({ timeoutMs: 60_000 })
  expect(again.run.status).toMatchObject({ state: 'STOPPED', attempts: [{ outcome: 'failed' }, { number: 2, outcome: 'stopped' }] })
  for (const [run, attempt] of [[once.run, 1], [again.run, 1], [again.run, 2]] as const)
    expect(await world.podsMadeFor(nameOf(run, 'job', attempt))).toHaveLength(1)
  await expectNothingLeft(world, { counts: [once, again], stays: [] })
})

test('pods of a deploy and a service that are deleted and evicted are replaced, in the same attempt', async () => {
  const stays = await Promise.all([work.deploy(), work.serve()].map(async (run) => runsWell(await run)))
  for (const run of stays) {
    const first = await podOf(run)
    await world.kubectl('delete', 'pod', first)
    await expect.poll(() => podOf(run), { timeout: 30_000 }).not.toBe(first)
  }
  await expectStays(stays)
  for (const run of stays) await evict(await podOf(run))
  await expectStays(stays)
  await expectNothingLeft(world, { counts: [], stays })
})

test('a Deployment that is scaled, edited and put right by hand is told on its run and never forced back', async () => {
  const [run] = await Promise.all([work.deploy()].map(async (one) => runsWell(await one)))
  if (!run) return
  const deployment = `deployment/${nameOf(run, 'deploy')}`
  await world.kubectl('scale', deployment, '--replicas=2')
  await expect.poll(edits(run), { timeout: 20_000 }).toMatch(/replicas of Deployment .* from 1 to 2/)
  expect(run.state).toBe('RUNNING')
  await house.server.end('SIGKILL')
  await house.start()
  await expect.poll(async () => (await run.refresh()).status.pods?.length, { timeout: 20_000 }).toBe(2)
  expect(await world.kubectl('get', deployment, '-o', 'jsonpath={.spec.replicas}')).toBe('2')
  await world.kubectl('scale', deployment, '--replicas=0')
  await expect.poll(async () => (await run.refresh()).verdict?.code, { timeout: 20_000 }).toBe('suspended')
  await world.kubectl('scale', deployment, '--replicas=1')
  await expect.poll(edits(run), { timeout: 20_000 }).toBe('')
  await expectStays([run])
  await expectNothingLeft(world, { counts: [], stays: [run] })
})

test('a Deployment that is deleted by hand is made again, and says so', async () => {
  const run = await runsWell(await work.serve())
  await world.kubectl('delete', 'deployment', nameOf(run, 'serve'))
  await expect.poll(async () => (await run.refresh()).status.attempts?.length, { timeout: 30_000 }).toBe(2)
  await runsWell(run)
  expect(run.status).toMatchObject({ state: 'RUNNING', attempts: [{ outcome: 'replaced' }, { number: 2 }] })
  expect(run.status.notes?.map(({ code }) => code)).toContain('replaced')
  expect((await run.invoke('/')).status).toBe(200)
  await expectNothingLeft(world, { counts: [], stays: [run] })
})

test('a Job that somebody suspends says so and waits, and goes on when it is let go', async () => {
  const count = await work.job({ steps: 4, code: 2 })
  await runsWell(count.run)
  await world.kubectl('annotate', 'job', nameOf(count.run, 'job'), 'team=mine')
  await world.kubectl('label', 'job', nameOf(count.run, 'job'), 'team=mine')
  await expectCounted(world, [count])
  await expectNothingLeft(world, { counts: [count], stays: [] })
})
