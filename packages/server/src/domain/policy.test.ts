import type { Profile, RunSpec } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { applyPolicy, NO_POLICY, type ProjectChoices, type RunPolicy } from './policy.ts'

const run = (said: Partial<RunSpec> = {}): RunSpec => ({ task: 't', ...said })
const GPU: Profile = { resources: { gpu: 1, mem: '8Gi' }, node_selector: { gpu: 'yes' }, runtime_class: 'nvidia' }
const apply = (said: Partial<RunSpec>, policy: Partial<RunPolicy> = {}, project: ProjectChoices = {}) =>
  applyPolicy(run(said), project, { ...NO_POLICY, ...policy })

describe('a profile', () => {
  test('fills in what the run does not say, and stays named', () => {
    expect(apply({ profile: 'gpu', args: ['x'] }, { profiles: { gpu: GPU } })).toEqual({ task: 't', args: ['x'], profile: 'gpu', ...GPU })
  })

  const merged = (profile: Profile, said: Partial<RunSpec>) => apply({ profile: 'x', ...said }, { profiles: { x: profile } })
  test.each<[keyof Profile, Profile, Partial<RunSpec>, unknown]>([
    ['resources', { resources: { gpu: 1, mem: '8Gi' } }, { resources: { mem: '1Gi' } }, { gpu: 1, mem: '1Gi' }],
    [
      'resources',
      { resources: [{ resource_type: 'cpu', requests: '1' }] },
      { resources: { mem: { limits: '1Gi' } } },
      { cpu: { requests: '1' }, mem: { limits: '1Gi' } },
    ],
    ['node_selector', { node_selector: { a: '1', b: '1' } }, { node_selector: [{ key: 'b', value: '2' }] }, { a: '1', b: '2' }],
    ['labels', { labels: ['team'] }, { labels: { team: 'x' } }, { team: 'x' }],
    ['annotations', { annotations: { a: '1' } }, { annotations: { b: '2' } }, { a: '1', b: '2' }],
    ['tolerations', { tolerations: [{ key: 'a' }] }, { tolerations: [{ key: 'b' }] }, [{ key: 'b' }, { key: 'a' }]],
    ['image_pull_secrets', { image_pull_secrets: ['a', 'b'] }, { image_pull_secrets: ['b', 'c'] }, ['b', 'c', 'a']],
    ['runtime_class', { runtime_class: 'a' }, { runtime_class: 'b' }, 'b'],
    ['pod_security', { pod_security: 'restricted' }, { pod_security: 'baseline' }, 'restricted'],
  ])('%s: %j under %j', (field, profile, said, value) => {
    expect(merged(profile, said)[field]).toEqual(value)
  })

  test('gives variables that the run’s own win over', () => {
    expect(merged({ env: { A: '1', B: '1' } }, { env: { B: '2' } }).env).toEqual([
      { name: 'A', value: '1' },
      { name: 'B', value: '1' },
      { name: 'B', value: '2' },
    ])
  })

  test('gives volumes, save those whose name or path the run takes', () => {
    const volume = (name: string, mount_path: string) => ({ volume_type: 'empty_dir' as const, name, mount_path })
    const profile = { volumes: [volume('a', '/a'), volume('b', '/b'), volume('c', '/c')] }
    expect(merged(profile, { volumes: [volume('a', '/own'), volume('own', '/b')] }).volumes).toEqual([
      volume('a', '/own'),
      volume('own', '/b'),
      volume('c', '/c'),
    ])
  })

  test('called default counts where none is named', () => {
    const profiles = { default: { priority_class: 'low' }, gpu: GPU }
    expect(apply({}, { profiles })).toEqual({ task: 't', profile: 'default', priority_class: 'low' })
    expect(apply({ profile: 'gpu' }, { profiles })).not.toHaveProperty('priority_class')
    expect(apply({}, {})).toEqual({ task: 't' })
  })

  test.each([
    ['gpus', { gpu: GPU }, /known are: gpu/, 'did you mean gpu?'],
    ['x', {}, /it has none/, undefined],
    ['constructor', {}, /does not have: constructor/, undefined],
  ])('that does not exist is refused: %s', (profile, profiles, message, hint) => {
    expect(() => apply({ profile }, { profiles })).toThrow(
      expect.objectContaining({ code: 'invalid', path: 'spec.profile', message: expect.stringMatching(message), hint }),
    )
  })
})

describe('the strictest of server, project and run counts', () => {
  test.each([
    ['baseline', undefined, undefined, undefined],
    ['baseline', undefined, 'baseline', 'baseline'],
    ['baseline', 'restricted', 'baseline', 'restricted'],
    ['baseline', 'baseline', 'restricted', 'restricted'],
    ['baseline', 'baseline', undefined, 'baseline'],
    ['restricted', 'baseline', 'baseline', 'restricted'],
    ['restricted', undefined, undefined, 'restricted'],
  ] as const)('%s, %s, %s: %s', (podSecurity, project, said, sealed) => {
    expect(apply({ ...(said && { pod_security: said }) }, { podSecurity }, { pod_security: project }).pod_security).toBe(sealed)
  })
})

describe('a service account', () => {
  const rules = { own: 'davit', allowed: { near: ['worker', 'davit'], far: 'any', strict: [] } } as const
  const named = (said: Partial<RunSpec>, more: Partial<RunPolicy> = {}) => apply(said, { serviceAccounts: rules, ...more })

  test('is taken where the operator allowed it, and any where each project has a namespace', () => {
    expect(named({ service_account: 'worker' }).service_account).toBe('worker')
    expect(named({ service_account: 'other', cluster: 'far' }).service_account).toBe('other')
    expect(named({})).not.toHaveProperty('service_account')
    expect(apply({ service_account: 'other' }).service_account).toBe('other')
  })

  test('is taken from a profile, which is the operator’s word', () => {
    const profiles = { trusted: { service_account: 'trusted' } }
    expect(named({ profile: 'trusted' }, { profiles }).service_account).toBe('trusted')
    expect(named({ profile: 'trusted', service_account: 'trusted' }, { profiles }).service_account).toBe('trusted')
    expect(() => named({ profile: 'trusted', service_account: 'other' }, { profiles })).toThrow(/allowed are: worker/)
  })

  test.each([
    [{ service_account: 'other' }, /names other, but projects share a namespace here: allowed are: worker/],
    [{ service_account: 'worker', cluster: 'strict' }, /none is allowed/],
    [{ service_account: 'davit' }, /account of Davit itself/],
    [{ service_account: 'davit', cluster: 'far' }, /account of Davit itself/],
  ])('is refused otherwise, and Davit’s own always: %j', (said, message) => {
    expect(() => named(said)).toThrow(expect.objectContaining({ code: 'invalid', path: 'spec.service_account', message: expect.stringMatching(message) }))
  })
})

test('a run goes to its project’s cluster, unless it names one', () => {
  expect(apply({}, {}, { cluster: 'far' }).cluster).toBe('far')
  expect(apply({ cluster: 'near' }, {}, { cluster: 'far' }).cluster).toBe('near')
  expect(apply({})).not.toHaveProperty('cluster')
})

test.each([
  [{ cluster: 'nera' }, {}, 'did you mean near?'],
  [{}, { cluster: 'elsewhere' }, undefined],
])('a cluster that the server does not know is refused: %j in %j', (said, project, hint) => {
  expect(() => apply(said, { clusters: ['near', 'far'] }, project)).toThrow(
    expect.objectContaining({ code: 'invalid', path: 'spec.cluster', message: expect.stringContaining('known are: near, far'), hint }),
  )
  expect(apply({ cluster: 'far' }, { clusters: ['near', 'far'] }).cluster).toBe('far')
  expect(apply(said, {}, project)).toHaveProperty('cluster')
})
