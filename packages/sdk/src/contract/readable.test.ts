import { describe, expect, test } from 'vitest'
import { readableFunction, readableRun, readableTask } from './readable.ts'
import type { Resources } from './resources.ts'

const RUN = 'container+job:run'

describe('what every line of the official SDK reads', () => {
  test.each([
    [
      { command: 'a', args: ['b'] },
      { command: 'a', args: ['b'] },
    ],
    [{ command: ['a'] }, { command: 'a' }],
    [{ command: [''] }, { entrypoint: [''] }],
    [
      { command: ['a', 'b'], args: ['c'] },
      { entrypoint: ['a', 'b'], args: ['c'] },
    ],
    [{ entrypoint: 'e', command: ['a', 'b'] }, { entrypoint: ['e', 'a', 'b'] }],
    [
      { entrypoint: ['e'], command: 'a' },
      { entrypoint: ['e'], command: 'a' },
    ],
    [{ command: [] }, { entrypoint: [] }],
  ])('of the process %j is %j', (spec, readable) => {
    expect(readableFunction(spec)).toEqual(readable)
    expect(readableRun({ task: 't', ...spec }, RUN)).toEqual({ task: 't', ...readable })
  })

  test.each([
    [{ envs: { A: 1, B: true } }, { envs: [1, true].map((value, index) => ({ name: 'AB'.charAt(index), value: String(value) })) }],
    [{ envs: [{ name: 'A', value: 1 }] }, { envs: [{ name: 'A', value: '1' }] }],
    [{ node_selector: { disk: 'ssd' } }, { node_selector: [{ key: 'disk', value: 'ssd' }] }],
    [{ resources: { cpu: 0.5, mem: '1Gi' } }, { resources: { cpu: '0.5', mem: '1Gi' } }],
    [{ resources: { cpu: { requests: 1 } } }, { resources: { cpu: { requests: '1' } } }],
    [{ resources: { cpu: { limits: '1' }, mem: '1Gi' } }, { resources: { cpu: { limits: '1' }, mem: { requests: '1Gi', limits: '1Gi' } } }],
    [{ resources: [{ resource_type: 'cpu' as const, requests: 1, limits: '1' }] }, { resources: { cpu: '1' } }],
    [{ resources: [{ resource_type: 'gpu' as const, limits: '1' }] }, { resources: { gpu: { limits: '1' } } }],
    [
      { mine: 1, secrets: ['s'] },
      { mine: 1, secrets: ['s'] },
    ],
  ])('of the parameters %j is %j', (spec, readable) => {
    expect(readableTask({ function: 'f', ...spec })).toEqual({ function: 'f', ...readable })
  })

  test('of a run are the resources that the lines of its kind read, as far as they can say them', () => {
    const both = (resources: Resources) => [RUN, 'container+run'].map((kind) => readableRun({ task: 't', resources }, kind).resources)
    const nested = { cpu: { requests: '1', limits: '1' } }
    for (const resources of [{ cpu: 1 }, nested, [{ resource_type: 'cpu' as const, requests: '1', limits: 1 }]])
      expect(both(resources)).toEqual([{ cpu: '1' }, nested])
    expect(both({ cpu: { limits: '1' } })).toEqual([{ cpu: { limits: '1' } }, { cpu: { limits: '1' } }])
    expect(both({ mem: '1Gi', cpu: { requests: 1 } })[0]).toEqual({ mem: { requests: '1Gi', limits: '1Gi' }, cpu: { requests: '1' } })
  })

  test('of a run are lists and texts', () => {
    expect(readableRun({ task: 't', envs: { A: 1 }, node_selector: { a: 'b' } }, RUN)).toEqual({
      task: 't',
      envs: [{ name: 'A', value: '1' }],
      node_selector: [{ key: 'a', value: 'b' }],
    })
  })
})
