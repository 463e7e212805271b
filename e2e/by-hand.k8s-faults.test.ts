import type { RunHandle } from 'davit'
import { expect, test } from 'vitest'
import { workloadName } from '../packages/server/src/domain/names.ts'
import { faultScene } from './support/fault-scene.ts'
import { type CountRun, expectCounted, expectNothingLeft, expectStays, runsWell } from './support/kube-load.ts'

const scene = faultScene()

const nameOf = ({ id }: RunHandle, action: 'job' | 'deploy' | 'serve', attempt = 1): string => workloadName({ id, action }, attempt)
const podOf = async (run: RunHandle): Promise<string> =>
  (await scene.world.kubectl('get', 'pods', '-l', `davit.dev/run=${run.id}`, '-o', 'jsonpath={.items[*].metadata.name}')).split(' ')[0] ?? ''
const shownPods = async (run: RunHandle): Promise<readonly string[]> => ((await run.refresh()).status.containers ?? []).map(({ name }) => name)
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
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: scene.world.namespace } }
  await scene.world.cluster.kubectl(
    ['create', '--raw', `/api/v1/namespaces/${scene.world.namespace}/pods/${pod}/eviction`, '-f', '-'],
    JSON.stringify(eviction),
  )
}

/** What takes a job's pod away, and what its run says then. */
const REMOVALS = {
  'pod is deleted': {
    code: 'workload-removed',
    act: async (run: RunHandle) => void (await scene.world.kubectl('delete', 'pod', await podOf(run), '--wait=false')),
  },
  'pod is deleted at once': {
    code: 'workload-removed',
    act: async (run: RunHandle) => void (await scene.world.kubectl('delete', 'pod', await podOf(run), '--grace-period=0', '--force', '--wait=false')),
  },
  'pod is evicted': { code: 'evicted', act: async (run: RunHandle) => evict(await podOf(run)) },
  'Job is deleted': {
    code: 'workload-removed',
    act: async (run: RunHandle) => void (await scene.world.kubectl('delete', 'job', nameOf(run, 'job'), '--wait=false')),
  },
} as const

test.each(Object.entries(REMOVALS))('a job whose %s by hand says so, and is tried again only where its rule says so', async (_, { code, act }) => {
  const [once, again] = await Promise.all([started(scene.work.job({ steps: 200, code: 0 })), started(scene.work.job({ steps: 200, code: 0, retries: 1 }))])
  await Promise.all([act(once.run), act(again.run)])
  await once.run.wait({ timeoutMs: 60_000 })
  expect(once.run.status).toMatchObject({ state: 'ERROR', verdict: { code }, attempts: [{ number: 1, outcome: 'failed' }] })
  expect(once.run.status.attempts).toHaveLength(1)
  await expect.poll(async () => (await again.run.refresh()).status.attempts?.[1]?.started, { timeout: 60_000, interval: 200 }).toBeTruthy()
  await again.run.stop()
  await again.run.wait({ timeoutMs: 60_000 })
  expect(again.run.status).toMatchObject({ state: 'STOPPED', attempts: [{ outcome: 'failed' }, { number: 2, outcome: 'stopped' }] })
  for (const [run, attempt] of [
    [once.run, 1],
    [again.run, 1],
    [again.run, 2],
  ] as const)
    expect(await scene.world.podsMadeFor(nameOf(run, 'job', attempt))).toHaveLength(1)
  await expectNothingLeft(scene.world, { counts: [once, again], stays: [] })
})

test('pods of a deploy and a service that are deleted and evicted are replaced, in the same attempt, and leave their logs', async () => {
  const stays = await Promise.all([scene.work.deploy(), scene.work.serve()].map(async (run) => runsWell(await run)))
  const away = [(pod: string) => scene.world.kubectl('delete', 'pod', pod), evict]
  for (const take of away) {
    for (const run of stays) {
      const before = await podOf(run)
      await take(before)
      await expect.poll(() => shownPods(run), { timeout: 30_000 }).not.toContain(before)
    }
    await expectStays(stays)
  }
  await expectNothingLeft(scene.world, { counts: [], stays, pods: 3 })
})

test('a Deployment that is scaled, edited and put right by hand is told on its run and never forced back', async () => {
  const [run] = await Promise.all([scene.work.deploy()].map(async (one) => runsWell(await one)))
  if (!run) return
  const deployment = `deployment/${nameOf(run, 'deploy')}`
  await scene.world.kubectl('scale', deployment, '--replicas=2')
  await expect.poll(edits(run), { timeout: 20_000 }).toMatch(/replicas of Deployment .* from 1 to 2/)
  expect(run.state).toBe('RUNNING')
  await scene.house.server.end('SIGKILL')
  await scene.house.start()
  const ready = async () => (await run.refresh()).status.containers?.filter((container) => container.ready).length
  await expect.poll(ready, { timeout: 20_000 }).toBe(2)
  expect(await scene.world.kubectl('get', deployment, '-o', 'jsonpath={.spec.replicas}')).toBe('2')
  await scene.world.kubectl('scale', deployment, '--replicas=0')
  await expect.poll(async () => (await run.refresh()).verdict?.code, { timeout: 20_000 }).toBe('suspended')
  await expect.poll(() => shownPods(run), { timeout: 20_000 }).toEqual([])
  await scene.world.kubectl('scale', deployment, '--replicas=1')
  await expect.poll(edits(run), { timeout: 20_000 }).toBe('')
  await expectStays([run])
  await expectNothingLeft(scene.world, { counts: [], stays: [run], pods: 3 })
})

test('a Deployment whose container is edited by hand is told, without what its variables are; how the cluster writes it is no edit', async () => {
  const run = await scene.work.deploy({
    secrets: ['TOKEN'],
    envs: { EMPTY: '', PRICE: '$(5)', AMOUNT: '1000m' },
    resources: { cpu: { requests: '0.01', limits: '1500m' }, mem: { limits: '1G' } },
    volumes: [{ volume_type: 'empty_dir', name: 'scratch', mount_path: '/scratch', spec: {} }],
  })
  await runsWell(run)
  expect(await edits(run)()).toBe('')
  await scene.world.kubectl('set', 'env', `deployment/${nameOf(run, 'deploy')}`, 'AMOUNT=hidden')
  await expect.poll(edits(run), { timeout: 20_000 }).toBe(`env of Deployment ${nameOf(run, 'deploy')} was changed in the cluster`)
  await expectStays([run])
  await run.stop()
  await run.wait({ timeoutMs: 60_000 })
})

test('a Deployment that is deleted by hand is made again, and says so', async () => {
  const run = await runsWell(await scene.work.serve())
  await scene.world.kubectl('delete', 'deployment', nameOf(run, 'serve'))
  await expect.poll(async () => (await run.refresh()).status.attempts?.length, { timeout: 30_000 }).toBe(2)
  await expectStays([run], { attempts: 2 })
  expect(run.status).toMatchObject({ attempts: [{ outcome: 'replaced' }, { number: 2 }] })
  expect(run.status.notes?.map(({ code }) => code)).toContain('replaced')
  await expectNothingLeft(scene.world, { counts: [], stays: [run], pods: 2 })
})

test('a Service that is deleted by hand is made again, and its run answers', async () => {
  const run = await runsWell(await scene.work.serve())
  await scene.world.kubectl('delete', 'service', `serve-${run.id}`)
  await expect.poll(() => scene.world.kubectl('get', 'service', `serve-${run.id}`, '--ignore-not-found', '-o', 'name'), { timeout: 20_000 }).not.toBe('')
  await expectStays([run])
  expect(await edits(run)()).toBe('')
  await expectNothingLeft(scene.world, { counts: [], stays: [run] })
})

test('a Service that is edited by hand is told on its run and never forced back', async () => {
  const run = await runsWell(await scene.work.serve())
  const service = `service/serve-${run.id}`
  const edit = (port: number): Promise<string> =>
    scene.world.kubectl('patch', service, '--type=json', '-p', JSON.stringify([{ op: 'replace', path: '/spec/ports/0/port', value: port }]))
  await edit(8086)
  await expect.poll(edits(run), { timeout: 20_000 }).toMatch(/ports of Service .*"port":8085.* to .*"port":8086/)
  await expectStays([run])
  expect(await scene.world.kubectl('get', service, '-o', 'jsonpath={.spec.ports[0].port}')).toBe('8086')
  await edit(8085)
  await expect.poll(edits(run), { timeout: 20_000 }).toBe('')
  await expectNothingLeft(scene.world, { counts: [], stays: [run] })
})

test('a Secret that is deleted by hand is made again for the next pod of its run', async () => {
  const run = await runsWell(await scene.work.deploy({ secrets: ['TOKEN'] }))
  await scene.world.kubectl('delete', 'secret', nameOf(run, 'deploy'))
  await scene.world.kubectl('delete', 'pod', await podOf(run), '--wait=false')
  await expect.poll(() => scene.world.kubectl('get', 'secret', nameOf(run, 'deploy'), '--ignore-not-found', '-o', 'name'), { timeout: 30_000 }).not.toBe('')
  await expectStays([run])
  await expectNothingLeft(scene.world, { counts: [], stays: [run], pods: 2 })
})

test('a Job that somebody suspends says so and waits, and begins again when it is let go', async () => {
  const count = await started(scene.work.job({ steps: 20, code: 2 }))
  const suspend = (on: boolean): Promise<string> =>
    scene.world.kubectl('patch', 'job', nameOf(count.run, 'job'), '--type=merge', '-p', JSON.stringify({ spec: { suspend: on } }))
  await suspend(true)
  await expect.poll(async () => (await count.run.refresh()).verdict?.code, { timeout: 20_000 }).toBe('suspended')
  await expect.poll(() => podOf(count.run), { timeout: 20_000 }).toBe('')
  expect(count.run.state).toBe('RUNNING')
  await suspend(false)
  await expectCounted(scene.world, [count], { pods: 2 })
  await expectNothingLeft(scene.world, { counts: [count], stays: [] })
})
