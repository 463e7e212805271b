import { describe, expect, test } from 'vitest'
import { kubeErrorOf } from '../client/kube-error.ts'
import { jsonLines, withoutManagedFields } from './json-lines.ts'
import { pauseAfter, sleepers } from './pause.ts'
import { trimmed } from './shape.ts'
import { compareVersions, isOldNews } from './version.ts'

describe('lines', () => {
  test('are whole however the bytes came, letters of several bytes too', () => {
    const bytes = Buffer.from('{"a":"käse"}\n\n{"b":2}\n{"c":')
    for (let size = 1; size <= bytes.length; size++) {
      const seen: unknown[] = []
      const lines = jsonLines((value) => seen.push(value))
      for (let at = 0; at < bytes.length; at += size) lines.push(bytes.subarray(at, at + size))
      expect([seen, lines.partial]).toEqual([[{ a: 'käse' }, { b: 2 }], true])
    }
  })
})

describe('managed fields', () => {
  const managed = [{ manager: 'x', fieldsV1: { 'f:status': { 'k:{"type":"Ready"},"a":[1]},"': { '.': {} } } } }]
  const without = (value: object): unknown => JSON.parse(withoutManagedFields(Buffer.from(JSON.stringify(value))))

  test('are left out of events', () => {
    const metadata = { name: 'käse', annotations: { a: '"managedFields":[' }, managedFields: managed }
    expect(without({ type: 'ADDED', object: { metadata, spec: { a: [1] }, status: {} } })).toEqual({
      type: 'ADDED',
      object: { metadata: { ...metadata, managedFields: [] }, spec: { a: [1] }, status: {} },
    })
  })
  test('leave an object whole that has none, or has them elsewhere than last', () => {
    const objects = [
      { metadata: { name: 'a' }, spec: {} },
      { metadata: { managedFields: managed, finalizers: ['f'], name: 'a' }, spec: {} },
      { metadata: { managedFields: managed } },
    ]
    for (const object of objects) expect(without(object)).toEqual(object)
  })
})

describe('versions', () => {
  test('are compared as numbers', () => {
    expect(compareVersions('9', '10')).toBeLessThan(0)
    expect(isOldNews('10', '10')).toBe(true)
    expect(isOldNews('11', '10')).toBe(false)
  })
  test('that are no numbers say nothing, unless they are equal', () => {
    expect([isOldNews('x', 'y'), isOldNews(undefined, '1'), isOldNews('1', undefined), isOldNews('x', 'x')]).toEqual([false, false, false, true])
  })
})

describe('pauses', () => {
  const refused = kubeErrorOf({}, 403)
  test('double up to a limit: long for answers that are a no, short for a server that is away', () => {
    expect([1, 2, 3, 50].map((times) => pauseAfter(refused, times, 0.5))).toEqual([200, 400, 800, 30_000])
    expect(pauseAfter(new Error('refused'), 50, 0.5)).toBe(5_000)
  })
  test('are never shorter than the server asks for', () => {
    expect(pauseAfter(kubeErrorOf({}, 429, '7'), 1, 0)).toBe(7_000)
  })
  test('end early for all when one got through', async () => {
    const { sleep, wake } = sleepers()
    const asleep = Promise.all([sleep(60_000, new AbortController().signal), sleep(60_000, AbortSignal.abort())])
    wake()
    await asleep
  })
})

describe('trimming', () => {
  test('keeps what is read and the labels of ours, and says what it is', () => {
    const pod = {
      metadata: {
        name: 'p',
        managedFields: [{}],
        labels: { 'davit.dev/run': 'r', 'batch.kubernetes.io/job-name': 'j' },
        annotations: { 'davit.dev/ref': '{}', big: 'x' },
      },
      spec: { nodeName: 'n', volumes: [{}] },
      status: { phase: 'Running', qosClass: 'Burstable', containerStatuses: [{ name: 'main', state: { running: { startedAt: 't' } }, containerID: 'c' }] },
    }
    expect(trimmed('pods', pod)).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', labels: { 'davit.dev/run': 'r' }, annotations: { 'davit.dev/ref': '{}' } },
      spec: { nodeName: 'n' },
      status: { phase: 'Running', containerStatuses: [{ name: 'main', state: { running: { startedAt: 't' } } }] },
    })
  })
  test('refuses what is no object', () => {
    expect(() => trimmed('jobs', {})).toThrow(/something in place of one of the jobs/)
  })
})
