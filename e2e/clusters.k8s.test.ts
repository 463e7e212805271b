import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getOrCreateProject, type ProjectHandle, type RunHandle } from 'davit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { kubeconfigOf } from '../packages/server/src/engines/kubernetes/client/testing/workbench.ts'
import { grant } from '../packages/server/src/engines/kubernetes/kubernetes-fixture.ts'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { type House, newFolder, openHouse } from './support/house.ts'
import { type KubeHouse, kubeHouse, kubePlace, outputOf, ready, STAYS, stopped, tellWhenFailed, verbsIn, whyNot } from './support/kube-house.ts'

describe('a namespace for each project', () => {
  let kube: KubeHouse
  let space: string
  beforeAll(async () => {
    kube = await kubeHouse({ role: 'cluster', flags: ['--namespace-quota', 'pods=2,requests.cpu=2,limits.memory=4Gi', '--network-policy', 'on'] })
    space = `e2e-${kube.mark}-suite`
  })
  beforeEach(() => tellWhenFailed(kube))
  afterAll(() => kube?.close())
  const inSpace = async (kinds: string) =>
    JSON.parse(await kube.cluster.kubectl(['-n', space, 'get', kinds, '-o', 'json'])).items as { kind: string; metadata: { name: string }; spec: object }[] // the API's own shape

  test('is made by the first run, with its quota and a policy that lets no other project in', async () => {
    expect(await outputOf(await kube.job('echo mine'))).toBe('mine\n')
    const found = await inSpace('resourcequotas,limitranges,networkpolicies')
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'ResourceQuota', spec: { hard: { pods: '2', 'requests.cpu': '2', 'limits.memory': '4Gi' } } }),
        expect.objectContaining({ kind: 'LimitRange' }),
        expect.objectContaining({ kind: 'NetworkPolicy', spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] } }),
      ]),
    )
    expect(JSON.parse(await kube.cluster.kubectl(['get', 'namespace', space, '-o', 'json'])).metadata.labels).toMatchObject({
      'app.kubernetes.io/managed-by': 'davit',
      'davit.dev/project': 'suite',
    })
  })

  test('keeps projects apart: each has its own, and its own names', async () => {
    const other = await verbsIn(await getOrCreateProject('other', { client: kube.house.client() }))
    const [mine, theirs] = await Promise.all([kube.serve({ service_name: 'web' }), other.serve({ service_name: 'web' })])
    await Promise.all([ready(mine), ready(theirs)])
    expect([mine, theirs].map(({ status }) => status.service?.namespace)).toEqual([space, `e2e-${kube.mark}-other`])
    await stopped(mine, theirs)
  })

  test('holds its runs to its quota', async () => {
    const runs = [await ready(await kube.deploy(STAYS)), await ready(await kube.deploy(STAYS))]
    const more = await kube.job('echo more')
    expect(await whyNot(more)).toMatchObject({ code: 'quota-exceeded', words: expect.stringContaining('exceeded quota: davit') })
    await stopped(...runs)
    expect(await outputOf(more)).toBe('more\n')
  })

  test('is made again when somebody deleted it', async () => {
    await kube.cluster.kubectl(['delete', 'namespace', space])
    expect(await outputOf(await kube.job('echo again'))).toBe('again\n')
  })

  test('enforces what its project wants of everything in it', async () => {
    const client = kube.house.client()
    await client.projects.getOrCreate('strict', { spec: { pod_security: 'restricted' } })
    const strict = await verbsIn(await getOrCreateProject('strict', { client }))
    expect(await outputOf(await strict.job('id -u', { run_as_user: 1000 }))).toBe('1000\n')
    const labels = await kube.cluster.kubectl(['get', 'namespace', `e2e-${kube.mark}-strict`, '-o', 'jsonpath={.metadata.labels}'])
    expect(JSON.parse(labels)).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' })
  })

  test('has a name that fits, however long the project’s is', async () => {
    const name = `p-${'long-'.repeat(20)}`.slice(0, 49)
    const far = await verbsIn(await getOrCreateProject(name, { client: kube.house.client() }))
    expect(await outputOf(await far.job('echo far'))).toBe('far\n')
  })
})

test('a server that is restricted makes namespaces that enforce it, and none of its runs is root, whatever it says', async () => {
  const kube = await kubeHouse({ role: 'cluster', flags: ['--pod-security', 'restricted'] })
  try {
    const root = await kube.job('id -u', { pod_security: 'baseline' })
    expect(await outputOf(await kube.job('id -u', { run_as_user: 1000 }))).toBe('1000\n')
    await root.wait({ timeoutMs: 40_000 })
    expect(root.status).toMatchObject({ state: 'ERROR', verdict: { code: 'needs-root' } })
    const labels = await kube.cluster.kubectl(['get', 'namespace', `e2e-${kube.mark}-suite`, '-o', 'jsonpath={.metadata.labels}'])
    expect(JSON.parse(labels)).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' })
  } finally {
    await kube.close()
  }
})

describe('several clusters in the configuration', () => {
  let place: Awaited<ReturnType<typeof kubePlace>>
  let folder: string
  let house: House
  let second: string
  beforeAll(async () => {
    place = await kubePlace()
    second = `${place.namespace}-b`
    await place.cluster.kubectl(['create', 'namespace', second])
    await grant(place.cluster, place.user, 'namespace', second)
    folder = await newFolder()
    const clusters = join(folder, 'clusters.yaml')
    const entry = (namespace: string) => ({ kubeconfig: place.kubeconfig, namespace })
    await writeFile(clusters, JSON.stringify({ north: entry(place.namespace), south: entry(second) }), { mode: 0o644 })
    house = await openHouse({ engine: { kubeconfig: place.kubeconfig }, flags: ['--clusters', clusters] })
  })
  afterAll(async () => {
    await house?.close()
    await place?.close()
    if (folder) await rm(folder, { recursive: true, force: true })
  })
  const project = (name: string, spec = {}): Promise<ProjectHandle> =>
    house
      .client()
      .projects.getOrCreate(name, { spec })
      .then(() => getOrCreateProject(name, { client: house.client() }))
  const spaceOf = (run: RunHandle): unknown => run.status['pods']?.[0]?.['namespace']

  test('a run goes to the first, to the one that its project names, or to the one that it names itself', async () => {
    const plain = await verbsIn(await project('plain'))
    const southern = await verbsIn(await project('southern', { cluster: 'south' }))
    const runs = [
      await plain.job('echo 1'),
      await plain.job('echo 2', { cluster: 'south' }),
      await southern.job('echo 3'),
      await southern.job('echo 4', { cluster: 'north' }),
    ]
    expect(await Promise.all(runs.map(outputOf))).toEqual(['1\n', '2\n', '3\n', '4\n'])
    expect(runs.map(spaceOf)).toEqual([place.namespace, second, second, place.namespace])
  })

  test('an unknown one is refused with those that there are', async () => {
    const plain = await verbsIn(await project('plain'))
    await expect(plain.job('true', { cluster: 'sout' })).rejects.toMatchObject({
      code: 'invalid',
      path: 'spec.cluster',
      message: expect.stringContaining('known are: north, south'),
      hint: 'did you mean south?',
    })
  })

  test('what runs on each is stopped and deleted there', async () => {
    const plain = await verbsIn(await project('plain'))
    const runs = [await plain.deploy(STAYS), await plain.serve({ cluster: 'south' })]
    await Promise.all(runs.map(ready))
    await stopped(...runs)
    for (const run of runs) await run.delete()
    const left = (): Promise<string> =>
      place.cluster.kubectl(['get', 'deployments,pods,services', '-A', '-l', `davit.dev/run in (${runs.map(({ id }) => id).join(',')})`, '-o', 'name'])
    expect(await waitUntil(async () => (await left()) === '', { timeout: 40_000, every: 300 })).toBe(true)
  })

  test('both are told in the health of the server', async () => {
    const { engine } = await house.client().server.info()
    expect(engine).toMatchObject({ name: 'kubernetes', healthy: true, detail: expect.stringContaining(`namespace ${second}`) })
  })

  test('one that is down says so by its name, and the other is told beside it', async () => {
    const clusters = join(folder, 'one-down.yaml')
    const away = join(folder, 'away')
    await writeFile(away, kubeconfigOf('https://127.0.0.1:1'))
    await writeFile(clusters, JSON.stringify({ north: { kubeconfig: place.kubeconfig, namespace: place.namespace }, south: { kubeconfig: away } }))
    const half = await openHouse({ engine: { kubeconfig: place.kubeconfig }, flags: ['--clusters', clusters] })
    try {
      const { engine } = await half.client().server.info()
      expect(engine).toMatchObject({ healthy: false, detail: expect.stringMatching(/^cluster north: Kubernetes v.*; cluster south: .*connection refused/) })
    } finally {
      await half.close()
    }
  })
})

describe('a role that lacks something', () => {
  test('is told at the start by the server, with verb and resource, and by the run that needs it, which starts when it is granted', async () => {
    const place = await kubePlace()
    const role = JSON.parse(await place.kubectl('get', 'role', `davit-${place.user}`, '-o', 'json'))
    const less = {
      ...role,
      rules: role.rules.map((rule: { resources: string[]; verbs: string[] }) =>
        rule.resources.includes('jobs') ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== 'create') } : rule,
      ),
    }
    await place.put(less)
    const house = await openHouse({ engine: { kubeconfig: place.kubeconfig }, flags: ['--namespace', place.namespace] })
    try {
      const sentence = `Davit may not create batch/jobs in namespace ${place.namespace}.`
      const { engine } = await house.client().server.info()
      expect(engine).toMatchObject({ healthy: false, detail: expect.stringContaining(sentence) })
      expect(await waitUntil(() => house.logs().includes(sentence), { timeout: 20_000, every: 100 })).toBe(true)
      const run = await (await verbsIn(await house.project('poor'))).job('echo rich')
      expect(await whyNot(run)).toMatchObject({ code: 'access-refused', state: 'READY', words: expect.stringContaining('cannot create resource "jobs"') })
      await grant(place.cluster, place.user, 'namespace', place.namespace)
      expect(await outputOf(run)).toBe('rich\n')
    } finally {
      await house.close()
      await place.close()
    }
  })
})

describe('a server that is a pod', () => {
  /** What Kubernetes gives a pod of its account: three files and two variables. */
  async function accountOf({ cluster, kubectl, namespace }: Awaited<ReturnType<typeof kubePlace>>, folder: string) {
    const view = JSON.parse(await cluster.kubectl(['config', 'view', '--raw', '--minify', '-o', 'json'])) as {
      clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
    }
    const [{ cluster: said }] = view.clusters
    const token = await kubectl('create', 'token', 'davit', '--duration', '10m')
    const files = { token, namespace, 'ca.crt': Buffer.from(said['certificate-authority-data'], 'base64').toString() }
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content, { mode: 0o644 })
    const { hostname, port } = new URL(said.server)
    return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port || '443' }
  }

  test('speaks for the account that the cluster gives it, in the namespace that it is in', async () => {
    const [place, folder] = [await kubePlace(), await newFolder()]
    const { kubectl, cluster, namespace } = place
    await kubectl('create', 'serviceaccount', 'davit')
    await grant(cluster, `system:serviceaccount:${namespace}:davit`, 'namespace', namespace)
    const house = await openHouse({
      engine: 'kubernetes',
      flags: ['--service-account-dir', folder, '--service-accounts', 'davit'],
      env: await accountOf(place, folder),
    })
    try {
      const { engine } = await house.client().server.info()
      expect(engine).toMatchObject({ healthy: true, detail: expect.stringContaining(`namespace ${namespace}, as service account`) })
      const inside = await verbsIn(await house.project('inside'))
      expect(await outputOf(await inside.job('echo inside'))).toBe('inside\n')
      await expect(inside.job('true', { service_account: 'davit' })).rejects.toThrow('the account of Davit itself') // whatever the operator allows
    } finally {
      await house.close()
      await place.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
