import type { RunSpec } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { asWritten, specProblems } from './problems.ts'

const run = (said: Partial<RunSpec>): RunSpec => ({ task: 't', ...said })
const problems = (spec: Record<string, unknown>) => specProblems(run({ volumes: [{ volume_type: 'ephemeral', name: 'v', mount_path: '/v', spec }] }))

describe('in a volume’s own spec', () => {
  test.each([
    ['size', '1GB', /512Mi or 1Gi/],
    ['size', '0.5.5', /512Mi or 1Gi/],
    ['size_limit', -1, /512Mi or 1Gi/],
    ['sizeLimit', true, /512Mi or 1Gi/],
    ['claim_name', 3, /must be text/],
    ['read_only', 'yes', /true or false/],
    ['items', { a: 1 }, /file names/],
    ['items', 'a', /file names/],
  ])('%s: %j is refused', (key, value, message) => {
    expect(problems({ [key]: value })).toEqual([{ path: `spec.volumes.0.spec.${key}`, message: expect.stringMatching(message) }])
  })

  test('what an engine understands is fine, and what nobody knows is left alone', () => {
    expect(problems({ size: '1.5Gi', sizeLimit: 10, claimName: 'c', read_only: true, items: { a: 'b' }, mine: 7, medium: null })).toEqual([])
    expect(specProblems(run({}))).toEqual([])
  })
})

describe('a problem’s place is the one that its user wrote', () => {
  test.each<[string, Partial<RunSpec>, string]>([
    ['spec.node_selector.a.b/c', { node_selector: { 'a.b/c': 'x' } }, 'spec.node_selector.a.b/c'],
    [
      'spec.node_selector.a.b/c',
      {
        node_selector: [
          { key: 'z', value: '' },
          { key: 'a.b/c', value: 'x' },
        ],
      },
      'spec.node_selector.1',
    ],
    ['spec.labels.a', { labels: ['b', 'a'] }, 'spec.labels.1'],
    ['spec.labels.a', { labels: [{ name: 'a', value: '?' }] }, 'spec.labels.0'],
    ['spec.env.A', { envs: [{ name: 'A', value: '' }] }, 'spec.envs.0'],
    ['spec.env.A', { env: { A: '' }, envs: { A: '' } }, 'spec.env.A'],
    ['spec.env.A', { envs: { A: '' } }, 'spec.envs.A'],
    ['spec.volumes.0.name', {}, 'spec.volumes.0.name'],
    ['spec.affinity.nodeAffinity.x', { affinity: { node_affinity: { x: 1 } } }, 'spec.affinity.node_affinity.x'],
    ['spec.affinity.nodeAffinity.x', { affinity: { nodeAffinity: {} } }, 'spec.affinity.nodeAffinity.x'],
    ['spec.tolerations.0.tolerationSeconds', { tolerations: [{ toleration_seconds: 3 }] }, 'spec.tolerations.0.toleration_seconds'],
  ])('%s of %j', (path, spec, written) => {
    expect(asWritten(path, run(spec))).toBe(written)
  })
})
