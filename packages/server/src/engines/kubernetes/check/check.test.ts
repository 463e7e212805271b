import type { Action, RunSpec } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { workloadFrom } from '../manifests/manifests-fixture.ts'
import { check } from './check.ts'

type Case = readonly [path: string, message: RegExp, spec: Partial<RunSpec>]
const volume = (more: object) => ({ volumes: [{ volume_type: 'persistent_volume_claim' as const, name: 'v', mount_path: '/v', ...more }] })
const required = (expression: object) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } } },
})
const TERM = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions.0'
const podTerm = (term: object) => ({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } })
const POD_TERM = 'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution.0'

function refuses(cases: readonly Case[], action: Action = 'job'): void {
  test.each(cases)('%s %s', (path, message, spec) => {
    expect(check(workloadFrom(spec, action))).toEqual([{ path, message: expect.stringMatching(message) }])
  })
}

describe('a container', () => {
  refuses([
    ['spec.image', /"App" must be lower-case/, { image: 'App:1' }],
    ['spec.args', /more than 1 MiB/, { args: ['x'.repeat(2 ** 20 + 1)] }],
    ['spec.run_as_user', /from 0 to 2147483647/, { run_as_user: 2 ** 31 }],
    ['spec.run_as_group', /from 0 to 2147483647/, { run_as_group: 2 ** 31 }],
    ['spec.fs_group', /from 0 to 2147483647/, { fs_group: 2 ** 31 }],
    ['spec.run_as_user', /root: pod_security restricted/, { run_as_user: 0, pod_security: 'restricted' }],
    ['spec.resources.gpu', /whole number/, { resources: { gpu: '0.5' } }],
    ['spec.resources.gpu', /both must be the same/, { resources: { gpu: { requests: 1, limits: 2 } } }],
    ['spec.resources.mem', /requests more/, { resources: { mem: { requests: '2Gi', limits: '1Gi' } } }],
    ['spec.resources.mem', /can count/, { resources: { mem: '99999Ei' } }],
  ])
})

describe('labels and annotations', () => {
  refuses([
    ['spec.labels.a b', /not a key/, { labels: { 'a b': 'x' } }],
    ['spec.labels.Big.com/a', /domain name in lower case/, { labels: { 'Big.com/a': 'x' } }],
    ['spec.labels./a', /before "\/"/, { labels: { '/a': 'x' } }],
    ['spec.labels.a/b/c', /not a key/, { labels: { 'a/b/c': 'x' } }],
    ['spec.labels.a', /label's value/, { labels: { a: 'hello world' } }],
    ['spec.labels.a', /at most 63/, { labels: { a: 'x'.repeat(64) } }],
    [`spec.labels.${'k'.repeat(64)}`, /1 to 63/, { labels: { ['k'.repeat(64)]: '' } }],
    ['spec.labels.davit.dev/run', /sets itself/, { labels: { 'davit.dev/run': 'r' } }],
    ['spec.labels.app.kubernetes.io/name', /sets itself/, { labels: { 'app.kubernetes.io/name': 'mine', 'app.kubernetes.io/version': '2' } }],
    ['spec.labels.app.kubernetes.io/instance', /sets itself/, { labels: { 'app.kubernetes.io/instance': 'mine' } }],
    ['spec.labels.app.kubernetes.io/component', /sets itself/, { labels: { 'app.kubernetes.io/component': 'mine' } }],
    ['spec.labels.app.kubernetes.io/managed-by', /sets itself/, { labels: { 'app.kubernetes.io/managed-by': 'helm' } }],
    ['spec.labels.job-name', /sets itself/, { labels: { 'job-name': 'r' } }],
    ['spec.annotations.a b', /not a key/, { annotations: { 'a b': 'x' } }],
    ['spec.annotations', /256 KiB/, { annotations: { a: 'x'.repeat(2 ** 18) } }],
  ])
})

describe('placement', () => {
  refuses([
    ['spec.node_selector.a b', /not a key/, { node_selector: [{ key: 'a b', value: 'x' }] }],
    ['spec.node_selector.zone', /label's value/, { node_selector: { zone: 'a/b' } }],
    ['spec.tolerations.0.key', /not a key/, { tolerations: [{ key: 'a b', operator: 'Exists' }] }],
    ['spec.tolerations.0.key', /unless operator is Exists/, { tolerations: [{ operator: 'Equal' }] }],
    [
      'spec.tolerations.1.value',
      /must not be given with operator Exists/,
      { tolerations: [{ operator: 'Exists' }, { key: 'a', operator: 'Exists', value: 'b' }] },
    ],
    ['spec.tolerations.0.value', /label's value/, { tolerations: [{ key: 'a', value: '?' }] }],
    ['spec.tolerations.0.tolerationSeconds', /NoExecute/, { tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 3 }] }],
    ['spec.priority_class', /lower-case/, { priority_class: 'High' }],
    ['spec.runtime_class', /lower-case/, { runtime_class: 'a_b' }],
    ['spec.service_account', /lower-case/, { service_account: '..' }],
    ['spec.service_account', /253/, { service_account: 'a'.repeat(254) }],
    ['spec.image_pull_secrets.1', /lower-case/, { image_pull_secrets: ['reg', 'Reg'] }],
  ])
})

describe('affinity', () => {
  refuses([
    ['spec.affinity', /has no field nodeAfinity; did you mean nodeAffinity\?/, { affinity: { node_afinity: {} } }],
    ['spec.affinity', /known are: nodeAffinity, podAffinity/, { affinity: { zzzzzzzz: {} } }],
    [`${TERM}.key`, /not a key/, required({ key: 'a b', operator: 'Exists' })],
    [`${TERM}.operator`, /In, NotIn, Exists/, required({ key: 'a', operator: 'in', values: ['b'] })],
    [`${TERM}.values`, /at least one/, required({ key: 'a', operator: 'In' })],
    [`${TERM}.values.0`, /label's value/, required({ key: 'a', operator: 'NotIn', values: ['?'] })],
    [`${TERM}.values`, /must not be given/, required({ key: 'a', operator: 'DoesNotExist', values: ['b'] })],
    [`${TERM}.values`, /one whole number/, required({ key: 'a', operator: 'Gt', values: ['big'] })],
    [`${POD_TERM}.topologyKey`, /required/, podTerm({})],
    [`${POD_TERM}.labelSelector.matchLabels.a`, /label's value/, podTerm({ topologyKey: 'zone', labelSelector: { matchLabels: { a: '?' } } })],
    [
      'spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution.0.weight',
      /from 1 to 100/,
      { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, podAffinityTerm: { topologyKey: 'zone' } }] } } },
    ],
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
      /at least one term/,
      { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } },
    ],
  ])
})

describe('volumes', () => {
  refuses([
    ['spec.volumes.0.mount_path', /below \//, volume({ mount_path: '/' })],
    ['spec.volumes.0.mount_path', /without "\.\."/, volume({ mount_path: '/a/../b' })],
    ['spec.volumes.0.spec.sub_path', /inside the volume/, volume({ spec: { sub_path: '/a' } })],
    ['spec.volumes.0.spec.sub_path', /inside the volume/, volume({ spec: { sub_path: '../a' } })],
    ['spec.volumes.0.spec.claim_name', /lower-case/, volume({ spec: { claim_name: 'My_claim' } })],
    ['spec.volumes.0.spec.claim_name', /lower-case/, volume({ volume_type: 'shared_volume', name: 'A' })],
    ['spec.volumes.0.spec.config_map_name', /lower-case/, volume({ volume_type: 'config_map', spec: { config_map_name: 'A' } })],
    ['spec.volumes.0.spec.storage_class', /lower-case/, volume({ spec: { storage_class: 'Fast' } })],
    ['spec.volumes.0.spec.access_mode', /one of ReadWriteOnce, ReadOnlyMany/, volume({ spec: { access_mode: 'RWX' } })],
    ['spec.volumes.0.spec.size', /at least one byte/, volume({ spec: { size: 0 } })],
    ['spec.volumes.0.spec.medium', /must be Memory/, volume({ volume_type: 'empty_dir', spec: { medium: 'ram' } })],
    ['spec.volumes.0.spec.image', /lower-case/, volume({ volume_type: 'image', spec: { image: 'A' } })],
    ['spec.volumes.0.spec.items.a/b', /not a file name/, volume({ volume_type: 'config_map', spec: { items: { 'a/b': '' } } })],
    ['spec.volumes.0.spec.items...data', /not begin with/, volume({ volume_type: 'config_map', spec: { items: { '..data': '' } } })],
    ['spec.volumes.0.spec.secret_name', /not a file name/, volume({ volume_type: 'secret', spec: { secret_name: '..' } })],
    ['spec.volumes', /1 MiB/, volume({ volume_type: 'config_map', spec: { items: { a: 'x'.repeat(2 ** 20 + 1) } } })],
  ])

  test('on one path, however it is spelt, or of one name', () => {
    const volumes = ['/a', '/a/'].map((mount_path) => ({ volume_type: 'empty_dir' as const, name: 'v', mount_path }))
    expect(check(workloadFrom({ volumes })).map(({ path }) => path)).toEqual(['spec.volumes.1.name', 'spec.volumes.1.mount_path'])
  })
})

describe('services', () => {
  refuses(
    [
      ['spec.service_type', /use ClusterIP, NodePort, LoadBalancer or Headless/, { service_type: 'ExternalName', service_ports: [{ port: 80 }] }],
      ['spec.service_ports.1.port', /twice: 80/, { service_ports: [{ port: 80 }, { port: 80 }] }],
      [
        'spec.service_ports.1.name',
        /twice: web/,
        {
          service_ports: [
            { port: 80, name: 'web' },
            { port: 81, name: 'web' },
          ],
        },
      ],
      [
        'spec.service_ports.1.node_port',
        /twice: 30001/,
        {
          service_ports: [
            { port: 80, node_port: 30_001 },
            { port: 81, node_port: 30_001 },
          ],
        },
      ],
      ['spec.service_ports.0.node_port', /needs service_type NodePort/, { service_type: 'ClusterIP', service_ports: [{ port: 80, node_port: 30_001 }] }],
    ],
    'serve',
  )

  test('one number may be open for TCP and UDP', () => {
    const service_ports = [{ port: 53 }, { port: 53, protocol: 'UDP' as const }]
    expect(check(workloadFrom({ service_ports }, 'serve'))).toEqual([])
  })
})

test('nothing is wrong with what Kubernetes takes', () => {
  const spec: Partial<RunSpec> = {
    image: 'registry.example.com:5000/team/app@sha256:' + 'a'.repeat(64),
    env: { A_B: '', 'a.b-c': 'x' },
    labels: { 'example.com/Team_1.x': 'A.b-c_1', plain: '' },
    annotations: { 'Example.com/Note': 'anything at all ☃' },
    node_selector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ operator: 'Exists' }, { key: 'a', value: 'b', effect: 'NoExecute', tolerationSeconds: 1 }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] },
            { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] },
          ],
        },
      },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } },
          },
        ],
      },
    },
    resources: { cpu: '0.5', mem: '1Gi', gpu: 1 },
    volumes: [
      { volume_type: 'empty_dir', name: 'A.b', mount_path: '/a', spec: { medium: 'Memory', size_limit: '1Mi' } },
      { volume_type: 'config_map', name: 'a_b', mount_path: '/a/b', spec: { items: { 'a b.txt': '' }, sub_path: 'x' } },
      { volume_type: 'persistent_volume_claim', name: 'c', mount_path: '/c', spec: { access_mode: 'ReadWriteOncePod', storage_class: 'fast.1' } },
      { volume_type: 'secret', name: 'TOKEN', mount_path: '/s' },
    ],
    run_as_user: 0,
    pod_security: 'baseline',
  }
  expect(check(workloadFrom(spec))).toEqual([])
})
