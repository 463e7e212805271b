import type { RunHandle } from 'davit'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type KubeHouse, kubeHouse, ON_OWN_CLUSTER, outputOf, ready, STAYS, stopped, tellWhenFailed, whyNot } from './support/kube-house.ts'

let kube: KubeHouse
let zone: string
beforeAll(async () => {
  kube = await kubeHouse()
  zone = `e2e.davit.dev/${kube.mark}`
})
beforeEach(() => tellWhenFailed(kube))
afterAll(() => kube?.close())

const labelNodes = (change: string): Promise<string> => kube.kubectl('label', 'nodes', '--all', '--overwrite', change)
const nodeOf = (run: RunHandle): unknown => run.status['pods']?.[0]?.['node']

/** Another pod's place counts. */
const beside = (label: string, value: string) => [{ labelSelector: { matchLabels: { [label]: value } }, topologyKey: 'kubernetes.io/hostname' }]

describe('where a run goes', () => {
  test('to a node that carries the labels of its selector', async () => {
    expect(await outputOf(await kube.job('echo here', { node_selector: { 'kubernetes.io/os': 'linux' } }))).toBe('here\n')
    expect(await outputOf(await kube.job('echo here', { node_selector: [{ key: 'kubernetes.io/os', value: 'linux' }] }))).toBe('here\n')
  })

  test('waits, says which labels no node has, and starts when one gets them', async () => {
    const wanted = {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: zone, operator: 'In', values: ['a'] }] }] },
    }
    const selected = await kube.job('echo selected', { node_selector: { [zone]: 'a' } })
    const attracted = await kube.job('echo attracted', { affinity: { nodeAffinity: wanted } })
    expect(await whyNot(selected)).toMatchObject({ code: 'unschedulable-selector', state: 'PENDING', words: expect.stringContaining('node affinity/selector') })
    expect(await whyNot(attracted)).toMatchObject({ code: 'unschedulable-affinity', state: 'PENDING' })
    await labelNodes(`${zone}=a`)
    expect(await Promise.all([outputOf(selected), outputOf(attracted)])).toEqual(['selected\n', 'attracted\n'])
    expect(selected.status.verdict).toBeUndefined()
    expect(nodeOf(selected)).toBeDefined()
    await labelNodes(`${zone}-`)
  })

  test('beside another pod, as soon as that one is there', async () => {
    const near = await kube.job('echo near', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: beside('flock', kube.mark) } } })
    expect(await whyNot(near)).toMatchObject({ code: 'unschedulable-affinity', words: expect.stringContaining('pod affinity') })
    const sheep = await kube.deploy(STAYS, { labels: { flock: kube.mark } })
    expect(await outputOf(near)).toBe('near\n')
    await stopped(sheep)
  })

  test.runIf(ON_OWN_CLUSTER)('away from another pod, as soon as that one is gone', async () => {
    const wolf = await ready(await kube.deploy(STAYS, { labels: { beast: kube.mark } }))
    const far = await kube.job('echo far', { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: beside('beast', kube.mark) } } })
    expect(await whyNot(far)).toMatchObject({ code: 'unschedulable-affinity', words: expect.stringContaining('anti-affinity') })
    await stopped(wolf)
    expect(await outputOf(far)).toBe('far\n')
  })

  test.runIf(ON_OWN_CLUSTER)('not to a tainted node, unless it tolerates that', async () => {
    await kube.kubectl('taint', 'nodes', '--all', `${zone}=busy:NoSchedule`)
    try {
      const shy = await kube.job('echo shy')
      expect(await whyNot(shy)).toMatchObject({ code: 'unschedulable-taint', words: expect.stringContaining('untolerated taint') })
      const bold = [{ key: zone, operator: 'Equal', value: 'busy', effect: 'NoSchedule' }] as const
      expect(await outputOf(await kube.job('echo bold', { tolerations: [...bold] }))).toBe('bold\n')
      expect(await outputOf(await kube.job('echo any', { tolerations: [{ operator: 'Exists' }] }))).toBe('any\n')
      await kube.kubectl('taint', 'nodes', '--all', `${zone}-`)
      expect(await outputOf(shy)).toBe('shy\n')
    } finally {
      await kube.kubectl('taint', 'nodes', '--all', `${zone}-`).catch(() => undefined)
    }
  })
})

describe('what it asks for', () => {
  test('is told when no node has it: CPU, memory, GPUs', async () => {
    const cases = [
      [await kube.job('true', { resources: { cpu: { requests: '10000' } } }), 'unschedulable-cpu', 'Insufficient cpu'],
      [await kube.job('true', { resources: { mem: { requests: '900Ti' } } }), 'unschedulable-memory', 'Insufficient memory'],
      [await kube.job('true', { resources: { gpu: '1' } }), 'unschedulable-gpu', 'Insufficient nvidia.com/gpu'],
    ] as const
    for (const [run, code, words] of cases) expect(await whyNot(run)).toMatchObject({ code, state: 'PENDING', words: expect.stringContaining(words) })
    await stopped(...cases.map(([run]) => run))
    expect(cases.map(([run]) => run.state)).toEqual(['STOPPED', 'STOPPED', 'STOPPED'])
  })

  test('stands in the pod in fractions and units, and without it there is neither request nor limit', async () => {
    const resourcesOf = async (run: RunHandle): Promise<unknown> => {
      const [pod] = await kube.thingsOf(run, 'pods')
      const containers = pod?.spec?.['containers']
      return Array.isArray(containers) ? containers[0].resources : undefined
    }
    const runs = await Promise.all([
      kube.deploy(STAYS),
      kube.deploy(STAYS, { resources: { cpu: { requests: '0.05', limits: '1.5' }, mem: { requests: '16M', limits: '64Mi' } } }),
      kube.deploy(STAYS, { resources: [{ resource_type: 'cpu', requests: '5m' }] }),
    ])
    await Promise.all(runs.map(ready))
    expect(await Promise.all(runs.map(resourcesOf))).toEqual([
      {},
      { requests: { cpu: '50m', memory: '16M' }, limits: { cpu: '1500m', memory: '67108864' } },
      { requests: { cpu: '5m' } },
    ])
    await stopped(...runs)
  })

  test('waits while the quota of the namespace is used up, and starts when it is free', async () => {
    const first = await ready(await kube.deploy(STAYS))
    await kube.put({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'tight' }, spec: { hard: { pods: '1' } } })
    onTestFinished(() => kube.kubectl('delete', 'resourcequota', 'tight').then(() => undefined))
    await kube.kubectl('wait', '--for=jsonpath={.status.used.pods}=1', 'resourcequota/tight', '--timeout=30s')
    const second = await kube.job('echo second')
    expect(await whyNot(second)).toMatchObject({ code: 'quota-exceeded', state: 'READY', words: expect.stringContaining('exceeded quota: tight') })
    await stopped(first)
    expect(await outputOf(second)).toBe('second\n')
  })
})

describe('classes of the cluster', () => {
  test('a priority class orders pods, once there is one of that name', async () => {
    const name = `e2e-${kube.mark}`
    const missing = await kube.job('true', { priority_class: name })
    expect(await whyNot(missing)).toMatchObject({ code: 'config-missing', words: expect.stringContaining(`no PriorityClass with name ${name}`) })
    await kube.put({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value: 1000, preemptionPolicy: 'Never' })
    const known = await ready(await kube.deploy(STAYS, { priority_class: name }))
    expect((await kube.thingsOf(known, 'pods'))[0]?.spec).toMatchObject({ priorityClassName: name, priority: 1000 })
    // The first one was only waiting for it.
    expect(await outputOf(missing)).toBe('')
    await stopped(known)
    await kube.kubectl('delete', 'priorityclass', name)
  })

  test('a runtime class that does not exist is told by its name', async () => {
    const run = await kube.job('true', { runtime_class: `e2e-${kube.mark}` })
    expect(await whyNot(run)).toMatchObject({ code: 'config-missing', words: expect.stringMatching(new RegExp(`RuntimeClass.*e2e-${kube.mark}.* not found`)) })
    await stopped(run)
  })
})
