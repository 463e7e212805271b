import type { RunSpec } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { type EngineCapabilities, NO_CAPABILITIES } from './engine.ts'
import { notesFor, unknownFieldNotes } from './notes.ts'

const paths = (spec: Partial<RunSpec>, action: 'job' | 'deploy' | 'serve' = 'job', can: Partial<EngineCapabilities> = {}) =>
  notesFor({ spec: { task: 't', ...spec }, action, engine: { name: 'docker', can: { ...NO_CAPABILITIES, ...can } } }).map(({ code, path }) => `${code} ${path}`)

describe('what will not have the effect its author may expect', () => {
  test.each([
    [{ node_selector: { disk: 'ssd' } }, 'spec.node_selector'],
    [{ affinity: { podAffinity: {} } }, 'spec.affinity'],
    [{ tolerations: [{ key: 'a' }] }, 'spec.tolerations'],
    [{ runtime_class: 'gvisor' }, 'spec.runtime_class'],
    [{ priority_class: 'high' }, 'spec.priority_class'],
    [{ fs_group: 0 }, 'spec.fs_group'],
    [{ annotations: { a: 'b' } }, 'spec.annotations'],
    [{ image_pull_secrets: ['reg'] }, 'spec.image_pull_secrets'],
    [{ service_account: 'robot' }, 'spec.service_account'],
    [{ pod_security: 'restricted' as const }, 'spec.pod_security'],
    [{ cluster: 'far' }, 'spec.cluster'],
    [{ active_deadline_seconds: 5 }, 'spec.active_deadline_seconds'],
    [{ resources: { gpu: 1 } }, 'spec.resources.gpu'],
    [{ volumes: [{ volume_type: 'persistent_volume_claim' as const, name: 'v', mount_path: '/v', spec: { size: '1Gi' } }] }, 'spec.volumes.0.spec'],
  ])('an engine that has none says so: %j', (spec, path) => {
    expect(paths(spec)).toEqual([expect.stringContaining(`not-honoured ${path}`)])
  })

  test('the size of a volume in memory is honoured everywhere', () => {
    expect(paths({ volumes: [{ volume_type: 'empty_dir', name: 'v', mount_path: '/v', spec: { medium: 'Memory', size_limit: '1Mi' } }] })).toEqual([])
  })

  test('an engine that has it says nothing', () => {
    expect(paths({ node_selector: { disk: 'ssd' }, fs_group: 1 }, 'job', { nodeSelector: true, fsGroup: true })).toEqual([])
  })

  test('empty values ask for nothing', () => {
    expect(paths({ node_selector: {}, tolerations: [], affinity: {} })).toEqual([])
  })

  test.each([
    [{ replicas: 2 }, 'job', true],
    [{ replicas: 2 }, 'deploy', false],
    [{ service_ports: [{ port: 80 }] }, 'deploy', true],
    [{ service_ports: [{ port: 80 }] }, 'serve', false],
    [{ backoff_limit: 1 }, 'serve', true],
    [{ backoff_limit: 1 }, 'job', false],
    [{ schedule: '* * * * *' }, 'job', true],
  ] as const)('%j of a %s is misplaced: %s', (spec, action, misplaced) => {
    expect(paths(spec as Partial<RunSpec>, action).map((note) => note.split(' ')[0])).toEqual(misplaced ? ['not-for-action'] : [])
  })
})

describe('fields that are not known', () => {
  test('are told with their path and the nearest that is', () => {
    expect(unknownFieldNotes({ task: 't', service_port: [] })).toEqual([
      { code: 'unknown-field', path: 'spec.service_port', message: 'spec.service_port is not known; did you mean service_ports?' },
    ])
    expect(unknownFieldNotes({ task: 't', zzzzzzzz: 1 })[0]?.message).toBe('spec.zzzzzzzz is not known')
  })

  test('are found in lists too', () => {
    expect(unknownFieldNotes({ task: 't', service_ports: [{ port: 1, targetPort: 2 }] }).map(({ path }) => path)).toEqual(['spec.service_ports.0.targetPort'])
  })

  test('that objects have by nature are told, and do no harm', () => {
    expect(unknownFieldNotes(JSON.parse('{"task":"t","__proto__":{"x":1},"constructor":2}')).map(({ path }) => path)).toEqual([
      'spec.__proto__',
      'spec.constructor',
    ])
  })
})
