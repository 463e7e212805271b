import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Action } from 'davit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { requiredPermissions } from '../packages/server/src/engines/kubernetes/check/permissions.ts'
import { kubeconfigOf } from '../packages/server/src/engines/kubernetes/client/testing/workbench.ts'
import { cacheFolder } from '../testbed/images/index.ts'
import { closeFolder, type House, newFolder, openHouse } from './support/house.ts'
import { type KubeHouse, kubeHouse, kubePlace, ON_OWN_CLUSTER, type RunOptions, stopped, tellWhenFailed, verbsIn, whyNot } from './support/kube-house.ts'
import { refusedServer } from './support/server-process.ts'

let kube: KubeHouse
let folder: string
beforeAll(async () => {
  kube = await kubeHouse({ flags: ['--service-accounts', 'nobody'] })
  folder = await newFolder()
})
beforeEach(() => tellWhenFailed(kube))
afterAll(async () => {
  await kube?.close()
  if (folder) await closeFolder(folder)
})

const volume = (name: string, mount_path = `/${name}`, spec = {}, volume_type = 'empty_dir' as 'empty_dir' | 'persistent_volume_claim' | 'config_map') => ({
  volume_type,
  name,
  mount_path,
  spec,
})
const node = (key: string, operator: string, values?: string[]) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator, ...(values && { values }) }] }] },
  },
})
const TERM = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions.0'
const port = (more: object = {}) => ({ port: 80, target_port: 8501, ...more })

type Case = readonly [what: string, options: RunOptions, path: string, words: RegExp, action?: Action | undefined]
const CASES: readonly Case[] = [
  ['a quantity with a B', { resources: { mem: '1GB' } }, 'spec.resources.mem', /quantity/],
  ['a quantity with two points', { resources: { cpu: '0.5.5' } }, 'spec.resources.cpu', /quantity/],
  ['a negative quantity', { resources: { cpu: '-1' } }, 'spec.resources.cpu', /quantity/],
  ['a request above its limit', { resources: { cpu: { requests: '2', limits: '1' } } }, 'spec.resources.cpu', /requests more \(2\) than its limit \(1\)/],
  ['half a GPU', { resources: { gpu: '0.5' } }, 'spec.resources.gpu', /whole number/],
  ['a selector key with a space', { node_selector: { 'my zone': 'a' } }, 'spec.node_selector.my zone', /is not a key/],
  [
    'the same in a list',
    {
      node_selector: [
        { key: 'zone', value: 'a' },
        { key: 'my zone', value: 'a' },
      ],
    },
    'spec.node_selector.1',
    /is not a key/,
  ],
  ['a selector value with a slash', { node_selector: { zone: 'a/b' } }, 'spec.node_selector.zone', /label's value/],
  ['a label of ours', { labels: { 'app.kubernetes.io/name': 'mine' } }, 'spec.labels.app.kubernetes.io/name', /sets itself/],
  ['a label key with two slashes', { labels: { 'a/b/c': 'x' } }, 'spec.labels.a/b/c', /is not a key/],
  ['a label of ours', { labels: { 'davit.dev/run': 'x' } }, 'spec.labels.davit.dev/run', /the system sets itself/],
  ['an annotation key of a space', { annotations: { ' ': 'x' } }, 'spec.annotations. ', /is not a key/],
  ['two volumes of one name', { volumes: [volume('v', '/a'), volume('v', '/b')] }, 'spec.volumes.1.name', /given twice: v/],
  ['two volumes on one path', { volumes: [volume('a', '/v'), volume('b', '/v')] }, 'spec.volumes.1.mount_path', /given twice/],
  ['the same path in other words', { volumes: [volume('a', '/v'), volume('b', '/v/./')] }, 'spec.volumes.1.mount_path', /given twice/],
  ['a volume in place of everything', { volumes: [volume('a', '/')] }, 'spec.volumes.0.mount_path', /below \//],
  ['a volume of no size', { volumes: [volume('a', '/a', { size: '1GB' }, 'persistent_volume_claim')] }, 'spec.volumes.0.spec.size', /quantity/],
  [
    'a claim of no possible name',
    { volumes: [volume('a', '/a', { claim_name: 'My_Claim' }, 'persistent_volume_claim')] },
    'spec.volumes.0.spec.claim_name',
    /lower-case/,
  ],
  [
    'an access mode of its own',
    { volumes: [volume('a', '/a', { access_mode: 'Write' }, 'persistent_volume_claim')] },
    'spec.volumes.0.spec.access_mode',
    /ReadWriteOnce/,
  ],
  ['an unknown medium', { volumes: [volume('a', '/a', { medium: 'Gold' })] }, 'spec.volumes.0.spec.medium', /must be Memory/],
  [
    'a file of a config map above its folder',
    { volumes: [volume('a', '/a', { items: { '../x': 'y' } }, 'config_map')] },
    'spec.volumes.0.spec.items.../x',
    /file name/,
  ],
  ['an affinity of an unknown field', { affinity: { node_affinities: {} } }, 'spec.affinity', /did you mean nodeAffinity/],
  ['an affinity of an unknown operator', { affinity: node('zone', 'Near') }, `${TERM}.operator`, /must be one of|In/],
  ['an affinity without values', { affinity: node('zone', 'In') }, `${TERM}.values`, /at least one value/],
  ['a toleration of nothing', { tolerations: [{ effect: 'NoSchedule' }] }, 'spec.tolerations.0.key', /required, unless operator is Exists/],
  ['a toleration that compares what must only exist', { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }, 'spec.tolerations.0.value', /Exists/],
  ['a priority class of no possible name', { priority_class: 'High Priority' }, 'spec.priority_class', /lower-case/],
  ['a service account that is not allowed', { service_account: 'davit' }, 'spec.service_account', /allowed are: nobody/],
  ['a user above all', { run_as_user: 4_000_000_000 }, 'spec.run_as_user', /2147483647/],
  [
    'a node port of a ClusterIP',
    { service_type: 'ClusterIP', service_ports: [port({ node_port: 30_080 })] },
    'spec.service_ports.0.node_port',
    /NodePort/,
    'serve',
  ],
  ['two ports of one number', { service_ports: [port(), port({ target_port: 1 })] }, 'spec.service_ports.1.port', /given twice: 80/, 'serve'],
  ['two ports of one name', { service_ports: [port({ name: 'a' }), port({ port: 81, name: 'a' })] }, 'spec.service_ports.1.name', /given twice: a/, 'serve'],
  ['a service that is a name elsewhere', { service_type: 'ExternalName', service_ports: [port()] }, 'spec.service_type', /ClusterIP/, 'serve'],
]

describe('a run is refused before anything is recorded, with the place and what is allowed, for', () => {
  test.each(CASES.map(([what, ...asked]) => ({ what, asked })))('$what', async ({ asked: [options, path, words, action = 'job'] }) => {
    const run = action === 'serve' ? kube.serve(options) : kube.job('true', options)
    await expect(run).rejects.toMatchObject({ code: 'invalid', path, message: expect.stringMatching(words) })
  })

  test('any of these: nothing is in the list of runs, nor in the cluster', async () => {
    expect(await kube.project.listRuns()).toEqual([])
    expect(await kube.kubectl('get', 'jobs,deployments,pods,services', '-o', 'name')).toBe('')
  })
})

describe('a run says within seconds, in the words of the cluster, that there is no', () => {
  const claim = (claim_name: string) => [volume('v', '/v', { claim_name }, 'persistent_volume_claim')]
  const MISSING = [
    ['claim', { volumes: claim('nowhere') }, 'config-missing', /persistentvolumeclaim "nowhere" not found/],
    ['config map', { volumes: [volume('v', '/v', { config_map_name: 'nowhere' }, 'config_map')] }, 'config-missing', /configmap "nowhere" not found/],
    ['service account', { service_account: 'nobody' }, 'config-missing', /service account .*nobody/],
    ['priority class', { priority_class: 'none' }, 'config-missing', /no PriorityClass with name none/],
    ['runtime class', { runtime_class: 'none' }, 'config-missing', /RuntimeClass.*not found/],
    ['storage class', { volumes: [volume('v', '/v', { storage_class: 'golden', size: '1Mi' }, 'persistent_volume_claim')] }, 'volume-pending', /golden/],
  ] as const satisfies readonly (readonly [string, RunOptions, string, RegExp])[]

  test.each(MISSING)('%s', async (_, options, code, words) => {
    const run = await kube.job('true', options)
    expect(await whyNot(run)).toMatchObject({ code, words: expect.stringMatching(words) })
    await stopped(run)
    expect(run.state).toBe('STOPPED')
  })

  test('secret: that is known before', async () => {
    await expect(kube.job('true', { secrets: ['NOT_THERE'] })).rejects.toMatchObject({ path: 'spec.secrets', message: expect.stringContaining('NOT_THERE') })
    const volumes = [volume('v'), { ...volume('s', '/s', { secret_name: 'NOR_THIS' }), volume_type: 'secret' as const }]
    await expect(kube.job('true', { volumes })).rejects.toMatchObject({
      path: 'spec.volumes.1.spec.secret_name',
      message: expect.stringContaining('NOR_THIS'),
    })
  })
})

describe('a server does not start', () => {
  const start = (flags: readonly string[]) =>
    refusedServer({ flags: ['--listen', '127.0.0.1:0', '--data', join(folder, 'data'), '--cache', cacheFolder(), '--engine', 'kubernetes', ...flags] })

  test('with a kubeconfig that is missing or malformed, a context that it lacks, or an API server that is too old', async () => {
    const old = await versionServer('v1.27.4')
    const malformed = join(folder, 'malformed')
    const good = join(folder, 'good')
    await writeFile(malformed, '{ clusters: [')
    await writeFile(good, kubeconfigOf(`http://127.0.0.1:${(old.address() as AddressInfo).port}`)) // a TCP server's address
    const said = async (...flags: string[]): Promise<string> => {
      const end = await start(flags)
      expect(end.code).not.toBe(0)
      return end.said
    }
    expect(await said('--kubeconfig', join(folder, 'none'))).toMatch(/kubeconfig .*none/i)
    expect(await said('--kubeconfig', malformed)).toContain(malformed)
    expect(await said('--kubeconfig', good, '--kube-context', 'prod')).toMatch(/prod[\s\S]*test/)
    expect(await said('--kubeconfig', good)).toMatch(/v1\.27\.4, which is too old[\s\S]*1\.30 or newer/)
    old.close()
  })
})

const versionServer = async (gitVersion: string): Promise<Server> => {
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ major: '1', minor: '27', gitVersion })),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

describe('a server starts all the same, and says what is wrong,', () => {
  const health = async (house: House) => (await house.client().server.info()).engine

  test('with a host that does not answer: its runs wait, and say so', async () => {
    const file = join(folder, 'away')
    await writeFile(file, kubeconfigOf('https://127.0.0.1:1'))
    const house = await openHouse({ engine: { kubeconfig: file } })
    try {
      expect(await health(house)).toMatchObject({ healthy: false, detail: expect.stringContaining('connection refused') })
      expect(house.logs()).toContain('does not answer')
      const run = await (await verbsIn(await house.project('far'))).job('true')
      expect(await whyNot(run)).toMatchObject({ code: 'engine-unreachable', state: 'READY', words: expect.stringContaining('https://127.0.0.1:1') })
    } finally {
      await house.close()
    }
  })

  test.runIf(ON_OWN_CLUSTER)('with credentials that have expired', async () => {
    const place = await kubePlace()
    const expired = await place.cluster.userKubeconfig({ user: place.user, namespace: place.namespace, validSeconds: 1 })
    await sleep(1500)
    const house = await openHouse({ engine: { kubeconfig: expired } })
    try {
      expect(await health(house)).toMatchObject({ healthy: false, detail: expect.stringMatching(/does not accept the credentials|certificate/) })
      const run = await (await verbsIn(await house.project('late'))).job('true')
      expect(await whyNot(run)).toMatchObject({ code: 'engine-unreachable', state: 'READY' })
    } finally {
      await house.close()
      await place.close()
    }
  })

  test('in a namespace that does not exist, or is forbidden: a run says which', async () => {
    const place = await kubePlace()
    const [missing, forbidden] = [`e2e-${place.mark}-none`, 'default']
    const admin = await openHouse({ engine: { kubeconfig: kube.cluster.kubeconfig }, flags: ['--namespace', missing] })
    const user = await openHouse({ engine: { kubeconfig: place.kubeconfig }, flags: ['--namespace', forbidden] })
    try {
      const nowhere = await (await verbsIn(await admin.project('one'))).job('echo there')
      expect(await whyNot(nowhere)).toMatchObject({ code: 'namespace-missing', state: 'READY', words: expect.stringContaining(`"${missing}" not found`) })
      const { healthy, detail = '' } = await health(user)
      expect(healthy).toBe(false)
      for (const [resource, verbs] of Object.entries(requiredPermissions))
        expect(detail).toContain(`Davit may not ${verbs.join(', ')} ${resource} in namespace ${forbidden}.`)
      const barred = await (await verbsIn(await user.project('two'))).job('true')
      expect(await whyNot(barred)).toMatchObject({ state: 'READY', words: expect.stringContaining('cannot') })
    } finally {
      await admin.close()
      await user.close()
      await place.close()
    }
  })
})
