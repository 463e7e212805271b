import type { FunctionSpec, RunSpec, TaskSpec } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { seal } from './seal.ts'

const run = (said: Partial<RunSpec> = {}): RunSpec => ({ task: 'container+job://p/t', ...said })
const task = (said: Partial<TaskSpec> = {}): TaskSpec => ({ function: 'container://p/f:1', ...said })
const sealed = (given: { run?: Partial<RunSpec>; task?: Partial<TaskSpec>; fn?: FunctionSpec }) =>
  seal({ run: run(given.run), task: task(given.task), fn: given.fn ?? {} })

describe('who wins', () => {
  test.each([
    ['image', 'run', { run: { image: 'r' } }, 'r'],
    ['image', 'function over run', { run: { image: 'r' }, fn: { image: 'f' } }, 'f'],
    ['base_image', 'function over run', { run: { base_image: 'r' }, fn: { base_image: 'f' } }, 'f'],
    ['command', 'function over run', { run: { command: 'r' }, fn: { command: 'f' } }, 'f'],
    ['args', 'run over function', { run: { args: ['r'] }, fn: { args: ['f'] } }, ['r']],
    ['args', 'function', { fn: { args: ['f'] } }, ['f']],
    ['entrypoint', 'run over function', { run: { entrypoint: 'r' }, fn: { entrypoint: 'f' } }, 'r'],
    ['image_pull_policy', 'run over function', { run: { image_pull_policy: 'Never' as const }, fn: { image_pull_policy: 'Always' as const } }, 'Never'],
    ['replicas', 'run over task', { run: { replicas: 2 }, task: { replicas: 3 } }, 2],
    ['replicas', 'task', { task: { replicas: 3 } }, 3],
    ['run_as_user', 'run over task, 0 too', { run: { run_as_user: 0 }, task: { run_as_user: 1000 } }, 0],
    ['secrets', 'run over task, none too', { run: { secrets: [] }, task: { secrets: ['a'] } }, []],
    ['envs', 'run over task, whole', { run: { envs: { A: '1' } }, task: { envs: { B: '2' } } }, { A: '1' }],
    ['function', 'task', { run: { function: 'container://p/other:2' } }, 'container://p/f:1'],
    ['source', 'always there', {}, {}],
    ['local_execution', 'false if not said', {}, false],
  ])('%s: %s', (field, _, given, value) => {
    expect(sealed(given).spec[field]).toEqual(value)
  })

  test('what nobody knows is kept from the run, and taken from nobody else', () => {
    expect(sealed({ run: { mine: 1 }, task: { theirs: 2 }, fn: { its: 3 } }).spec).toMatchObject({ mine: 1 })
    expect(sealed({ task: { theirs: 2 }, fn: { its: 3 } }).spec).not.toHaveProperty('theirs')
  })
})

describe('what lost', () => {
  test('is told', () => {
    expect(sealed({ run: { image: 'r', command: 'c' }, fn: { image: 'f' } }).notes).toEqual([
      { code: 'not-honoured', path: 'spec.image', message: expect.stringContaining('function sets image') },
    ])
  })

  test('is not told where both say the same, or an old client sends an empty source', () => {
    expect(sealed({ run: { image: 'f', source: {} }, fn: { image: 'f', source: { source: 'git://x' } } }).notes).toEqual([])
  })

  test('changes nothing of what was given', () => {
    const given = { run: run({ image: 'r' }), task: task(), fn: { image: 'f' } }
    const before = structuredClone(given)
    seal(given)
    expect(given).toEqual(before)
  })
})
