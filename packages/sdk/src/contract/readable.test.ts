import { describe, expect, test } from 'vitest'
import { readableFunction, readableRun, readableTask } from './readable.ts'

describe('what every line of the official SDK reads', () => {
  test.each([
    [
      { command: 'a', args: ['b'] },
      { command: 'a', args: ['b'] },
    ],
    [{ command: ['a'] }, { command: 'a' }],
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
    expect(readableRun({ task: 't', ...spec })).toEqual({ task: 't', ...readable })
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
    const [task, run] = [
      { function: 'f', ...spec },
      { task: 't', ...spec },
    ]
    expect(readableTask(task)).toEqual({ function: 'f', ...readable })
    expect(readableRun(run)).toEqual({ task: 't', ...readable })
  })
})
