import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RunCreate } from './run.ts'
import { editDistance, nearestOf, unknownFields } from './unknown-fields.ts'

describe('unknown fields', () => {
  test('are found where they are, with the name that was probably meant', () => {
    const run = {
      kind: 'container+serve:run',
      spec: { task: 't', service_port: [], volumes: [{ volume_type: 'empty_dir', name: 'v', mount_pth: '/v', mount_path: '/v' }] },
    }
    expect(unknownFields(RunCreate, run)).toEqual([
      { path: 'spec.service_port', nearest: 'service_ports' },
      { path: 'spec.volumes.0.mount_pth', nearest: 'mount_path' },
    ])
  })

  test('are not looked for where anything may stand', () => {
    expect(
      unknownFields(RunCreate, {
        kind: 'k',
        metadata: { mine: 1 },
        status: { mine: 1 },
        spec: { task: 't', affinity: { podAffinity: {} }, env: { MINE: '1' } },
      }),
    ).toEqual([])
  })

  test('that resemble nothing get no suggestion', () => {
    expect(unknownFields(RunCreate, { kind: 'k', zzzzzzzz: 1, spec: { task: 't' } })).toEqual([{ path: 'zzzzzzzz', nearest: undefined }])
  })

  test('that objects have by nature are unknown too', () => {
    expect(unknownFields(RunCreate, { kind: 'k', spec: { task: 't', constructor: 1 } }).map(({ path }) => path)).toEqual(['spec.constructor'])
  })
})

describe('edit distance', () => {
  const word = fc.string({ maxLength: 12 })

  test('is 0 only for the same word, the same both ways, and at most the longer length', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const edits = editDistance(a, b)
        return (edits === 0) === (a === b) && edits === editDistance(b, a) && edits <= Math.max(a.length, b.length)
      }),
    )
  })

  test('counts two neighbours that changed places as one', () => {
    expect(editDistance('imgae', 'image')).toBe(1)
    expect(nearestOf('jbo', ['deploy', 'job', 'serve'])).toBe('job')
  })
})
