import { type Envs, envList } from './env.ts'
import type { FunctionSpec } from './function.ts'
import { LEGACY_RUN_KIND } from './kind.ts'
import { resourceTexts, type Resources } from './resources.ts'
import type { RunSpec } from './run.ts'
import { type NodeSelector, selectorMap } from './scheduling.ts'
import type { TaskSpec } from './task.ts'

interface Parameters {
  readonly envs?: Envs | undefined
  readonly node_selector?: NodeSelector | undefined
  readonly resources?: Resources | undefined
}

/** In the forms that official clients send themselves. */
const plainParameters = ({ envs, node_selector: selector, resources }: Parameters, form?: 'flat' | 'nested') => ({
  ...(envs && { envs: envList(envs).map(({ name, value }) => ({ name, value })) }),
  ...(selector && { node_selector: Object.entries(selectorMap(selector)).map(([key, value]) => ({ key, value })) }),
  ...(resources && { resources: resourceTexts(resources, form) }),
})

/**
 * Specs as every line of the official SDK can read them, meaning what they meant: one entry that a line cannot read breaks its whole list.
 * A command of several words is an `entrypoint`, which those lines pass over; `args` are what they were, so that they can be sent again.
 */
export function readableFunction(spec: FunctionSpec): FunctionSpec {
  const { command, entrypoint = [], ...rest } = spec
  if (!Array.isArray(command)) return spec
  const [word, ...more] = command
  return word && more.length === 0 ? { ...spec, command: word } : { ...rest, entrypoint: [entrypoint, command].flat() }
}

export const readableTask = (spec: TaskSpec): TaskSpec => ({ ...spec, ...plainParameters(spec) })

/** A run's kind tells which lines read it. */
export const readableRun = (spec: RunSpec, kind: string): RunSpec => ({
  ...readableFunction(spec),
  ...plainParameters(spec, kind === LEGACY_RUN_KIND ? 'nested' : 'flat'),
  task: spec.task,
})
