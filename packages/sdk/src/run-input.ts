import * as z from 'zod'
import type { Known } from '#client/known.ts'
import type { RunInput } from '#client/runs.ts'
import type { FunctionVersion } from '#client/tasks.ts'
import { DavitError } from '#contract/error.ts'
import { functionKey, functionRef, taskRef } from '#contract/key.ts'
import { ACTION_NAMES, type Action, runKindOf } from '#contract/kind.ts'
import { functionParameters, runParameters } from '#contract/parameters.ts'
import type { Task } from '#contract/task.ts'
import { nearestOf } from '#contract/unknown-fields.ts'
import { refuseUnknown } from './refuse-unknown.ts'

const taskShape = z.looseObject(runParameters)
const runShape = z.looseObject({ ...runParameters, ...functionParameters, local_execution: z.boolean().optional() })

/** Defaults for the runs of a task; wire names. */
export type TaskParameters = Known<z.input<typeof taskShape>>

/** How to run: all parameters of functions, tasks and runs, with their wire names. Those given here win over the task's. */
export interface RunParameters extends Known<z.input<typeof runShape>> {
  /** The run's name. Default: the server makes one. */
  readonly name?: string | undefined
  /** Returns only when a job is final, or a deployment or service ready. Default false. */
  readonly wait?: boolean | undefined
}

const RUN_NAMES = z.looseObject({ ...runShape.shape, name: z.unknown(), wait: z.unknown() })

export const refuseUnknownTaskParameters = (parameters: object): void => refuseUnknown('a task', taskShape, parameters)
export const refuseUnknownRunParameters = (parameters: object): void => refuseUnknown('a run', RUN_NAMES, parameters)

/** The action of that name; throws `invalid` with the nearest one. */
export const actionNamed = (name: string): Action => {
  const found = ACTION_NAMES.find((action) => action === name)
  if (found) return found
  const nearest = nearestOf(name, ACTION_NAMES)
  throw new DavitError('invalid', `there is no action ${name}: it must be one of ${ACTION_NAMES.join(', ')}`, {
    path: 'action',
    ...(nearest !== undefined && { hint: `did you mean ${nearest}?` }),
  })
}

interface Wanted {
  readonly fn: FunctionVersion
  readonly task: Task
  readonly action: Action
  readonly parameters: RunParameters
}

const isWords = (labels: unknown): labels is readonly string[] => Array.isArray(labels) && labels.every((label) => typeof label === 'string')

/** A run as the API takes it. Labels that are bare words also become metadata, by which lists find it, as with the Python SDK. */
export const runInput = ({ fn, task, action, parameters }: Wanted): RunInput => {
  const { name, wait: _, ...spec } = parameters
  return {
    kind: runKindOf(action),
    ...(name !== undefined && { name }),
    metadata: { relationships: [{ type: 'run_of', dest: functionKey(fn) }], ...(isWords(spec.labels) && { labels: [...spec.labels] }) },
    spec: { ...spec, task: taskRef(task), function: functionRef(fn) },
  }
}
