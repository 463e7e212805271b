import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { openCluster } from '../testbed/kubernetes/index.ts'
import { type KubeHouse, kubeHouse, ON_OWN_CLUSTER, outputOf, ready, STAYS, stopped, tellWhenFailed } from './support/kube-house.ts'

let kube: KubeHouse
beforeAll(async () => {
  if (ON_OWN_CLUSTER) kube = await kubeHouse({ open: () => openCluster({ nodes: 2 }) })
})
beforeEach(() => tellWhenFailed(kube))
afterAll(() => kube?.close())

const apart = (name: string) => ({
  labels: { flock: name },
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { flock: name } }, topologyKey: 'kubernetes.io/hostname' }],
    },
  },
})

test.runIf(ON_OWN_CLUSTER)('replicas that shun each other are spread over the nodes, and logs come from each', async () => {
  const run = await ready(await kube.deploy(STAYS, { replicas: 2, ...apart('two') }))
  const nodes = async () => (await run.refresh()).status['pods']?.flatMap((pod) => (pod['phase'] === 'Running' ? [pod['node']] : [])).toSorted()
  await waitUntil(async () => (await nodes())?.length === 2, { timeout: 40_000, every: 300 })
  expect(await nodes()).toEqual(['n1', 'n2'])
  await stopped(run)
  expect((await run.logs()).map(({ text }) => text)).toEqual(['up\n', 'up\n'])
})

test.runIf(ON_OWN_CLUSTER)('a replica for which there is no node left leaves the others at work, and the run says how many it lacks', async () => {
  const run = await ready(await kube.deploy(STAYS, { replicas: 3, ...apart('three') }))
  const lacks = async () => (await run.refresh()).verdict?.evidence.includes('2 of 3 replicas are ready')
  expect(await waitUntil(lacks, { timeout: 60_000, every: 300 })).toBe(true)
  expect(run.status).toMatchObject({ state: 'RUNNING', phase: 'degraded', verdict: { code: 'partly-available' } })
  expect(run.verdict?.evidence.join('\n')).toContain('anti-affinity')
  await stopped(run)
})

test.runIf(ON_OWN_CLUSTER)('a job goes to the node that it names, and its log is whole', async () => {
  const run = await kube.job('seq 1 2000', { node_selector: { 'kubernetes.io/hostname': 'n2' } })
  expect((await outputOf(run)).split('\n')).toHaveLength(2001)
  expect(run.status['pods']?.[0]?.['node']).toBe('n2')
})
