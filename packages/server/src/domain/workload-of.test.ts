import type { RunSpec } from 'davit/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { processOf, workloadOf } from './workload-of.ts'

const of = (spec: Partial<RunSpec>, action: 'job' | 'deploy' | 'serve' = 'job') =>
  workloadOf({ id: 'r1', project: 'p', action, spec: { task: 't', function: 'container://p/Hello:1', image: 'app:1', ...spec } }, 1)

describe('entrypoint, command and args', () => {
  test.each([
    [{}, undefined, undefined],
    [{ args: ['a'] }, undefined, ['a']],
    [{ command: 'python main.py' }, ['python main.py'], undefined],
    [{ command: ['python', 'main.py'] }, ['python', 'main.py'], undefined],
    [{ command: 'sh', args: ['-c', 'echo hi'] }, ['sh'], ['-c', 'echo hi']],
    [{ entrypoint: 'sh' }, ['sh'], undefined],
    [{ entrypoint: 'sh', args: ['x'] }, ['sh'], ['x']],
    [{ entrypoint: 'sh', command: '-c' }, ['sh'], ['-c']],
    [{ entrypoint: ['sh', '-e'], command: '-c', args: ['x'] }, ['sh', '-e'], ['-c', 'x']],
    [{ entrypoint: 'sh', args: [] }, ['sh'], []],
  ])('%j', (spec, command, args) => {
    expect(processOf(spec)).toEqual({ command, args })
  })

  test('words pass unchanged, whatever is in them', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme' })), (args) => processOf({ command: 'x', args }).args === args))
  })
})

describe('a workload', () => {
  test('is the same each time it is made', () => {
    const spec = {
      envs: { B: '1', A: '2' },
      labels: ['x'],
      service_ports: [{ port: 80 }],
      volumes: [{ volume_type: 'empty_dir' as const, name: 'v', mount_path: '/v' }],
    }
    expect(of(spec, 'serve')).toEqual(of(structuredClone(spec), 'serve'))
  })

  test('has a name that is a DNS label, another for each run, action and attempt', () => {
    const id = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    const name = (run: string, attempt: number) => workloadOf({ id: run, project: 'p', action: 'deploy', spec: { task: 't' } }, attempt).name
    fc.assert(fc.property(id, fc.integer({ min: 1, max: 200 }), (run, attempt) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name(run, attempt))))
    fc.assert(
      fc.property(
        id,
        id,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        (a, b, m, n) => (a === b && m === n) === (name(a, m) === name(b, n)),
      ),
    )
    expect(of({}, 'job').name).not.toBe(of({}, 'deploy').name)
  })

  test('env comes before envs, in the order given, as text', () => {
    expect(
      of({
        env: { A: 1, B: true },
        envs: [
          { name: 'C', value: 'x=y' },
          { name: 'A', value: 'ü\n' },
        ],
      }).env,
    ).toEqual([
      { name: 'A', value: '1' },
      { name: 'B', value: 'true' },
      { name: 'C', value: 'x=y' },
      { name: 'A', value: 'ü\n' },
    ])
  })

  test('a job has one replica and no ports, whatever is asked', () => {
    expect(of({ replicas: 5, service_ports: [{ port: 80 }] })).toMatchObject({ replicas: 1, ports: [], serviceNames: [] })
    expect(of({ replicas: 5 }, 'deploy').replicas).toBe(5)
  })

  test('a port targets itself unless told otherwise', () => {
    expect(of({ service_ports: [{ port: 80 }, { port: 443, target_port: 8443, node_port: 30_443, name: 'https', protocol: 'UDP' }] }, 'serve').ports).toEqual([
      { name: 'port80', port: 80, targetPort: 80, nodePort: undefined, protocol: 'TCP' },
      { name: 'https', port: 443, targetPort: 8443, nodePort: 30_443, protocol: 'UDP' },
    ])
  })

  test('a service is reached by its own name, its function and its run, each once', () => {
    expect(of({}, 'serve').serviceNames).toEqual(['hello', 'serve-r1'])
    expect(of({ service_name: 'api' }, 'serve').serviceNames).toEqual(['api', 'hello', 'serve-r1'])
  })

  test('without a grace it gets 10 s; 0 is 0', () => {
    expect(of({}).graceSeconds).toBe(10)
    expect(of({ termination_grace_period_seconds: 0 }).graceSeconds).toBe(0)
  })

  test.each([
    [
      { cpu: '500m', mem: '1Gi' },
      { cpu: { request: 0.5, limit: 0.5 }, mem: { request: 2 ** 30, limit: 2 ** 30 } },
    ],
    [{ cpu: { requests: '250m', limits: 1 } }, { cpu: { request: 0.25, limit: 1 } }],
    [[{ resource_type: 'gpu' as const, limits: '1' }], { gpu: { limit: 1 } }],
  ])('resources %j', (resources, expected) => {
    expect(of({ resources }).resources).toEqual(expected)
  })
})

test('affinity and tolerations are what Kubernetes calls them, however they were spelled; keys of labels are left alone', () => {
  const labelSelector = { match_labels: { my_app: 'a', matchLabels: 'b' }, match_expressions: [{ key: 'my_key', operator: 'In', values: ['x_y'] }] }
  const affinity = {
    node_affinity: {
      required_during_scheduling_ignored_during_execution: { node_selector_terms: [{ match_expressions: [{ key: 'a_b', operator: 'Exists' }] }] },
    },
    pod_anti_affinity: {
      preferred_during_scheduling_ignored_during_execution: [{ weight: 1, pod_affinity_term: { topology_key: 'k', label_selector: labelSelector } }],
    },
  }
  expect(of({ affinity, tolerations: [{ key: 'gpu_key', operator: 'Exists', effect: 'NoExecute', toleration_seconds: 30 }] })).toMatchObject({
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a_b', operator: 'Exists' }] }] } },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 1,
            podAffinityTerm: {
              topologyKey: 'k',
              labelSelector: {
                matchLabels: { my_app: 'a', matchLabels: 'b' },
                matchExpressions: [{ key: 'my_key', operator: 'In', values: ['x_y'] }],
              },
            },
          },
        ],
      },
    },
    tolerations: [{ key: 'gpu_key', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 }],
  })
  expect(of({ tolerations: [{ toleration_seconds: 30 }] }).tolerations).toEqual([{ tolerationSeconds: 30 }])
})

describe('volumes', () => {
  const volume = (volume_type: 'empty_dir' | 'persistent_volume_claim' | 'shared_volume' | 'config_map' | 'secret', spec?: Record<string, unknown>) =>
    of({ volumes: [{ volume_type, name: 'v', mount_path: '/v', ...(spec && { spec }) }] }).volumes[0]

  test.each([
    ['empty_dir', { size_limit: '10Mi', medium: 'Memory' }, { sizeBytes: 10 * 2 ** 20, medium: 'Memory', claimName: undefined }],
    ['empty_dir', { sizeLimit: '1k' }, { sizeBytes: 1000 }],
    ['empty_dir', undefined, { sizeBytes: undefined, items: {}, secretName: undefined }],
    ['persistent_volume_claim', { size: '1Gi' }, { sizeBytes: 2 ** 30, claimName: 'v' }],
    ['shared_volume', { claimName: 'data' }, { claimName: 'data' }],
    ['shared_volume', { claim_name: 'data' }, { claimName: 'data' }],
    ['config_map', { items: { 'a.txt': 'x', 'b.txt': 3 } }, { items: { 'a.txt': 'x' } }],
    ['secret', { secret_name: 's' }, { secretName: 's' }],
    ['secret', undefined, { secretName: 'v' }],
  ] as const)('%s %j', (type, spec, expected) => {
    expect(volume(type, spec)).toMatchObject({ type, name: 'v', mountPath: '/v', ...expected })
  })
})
