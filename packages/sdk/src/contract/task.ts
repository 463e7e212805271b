import * as z from 'zod'
import { createFields, entityFields } from './metadata.ts'
import { EntityId, Slug } from './name.ts'
import { refuseDuplicates, runParameters } from './parameters.ts'

const taskSpec = z.looseObject({ function: z.string().min(1), ...runParameters })
export const TaskSpec = taskSpec.meta({ id: 'TaskSpec' })
export type TaskSpec = z.infer<typeof TaskSpec>

/** A function version × an action: the defaults of its runs. One for each. */
export const Task = z.looseObject({ ...entityFields, spec: TaskSpec, status: z.looseObject({ state: z.string() }) }).meta({ id: 'Task' })
export type Task = z.infer<typeof Task>

export const TaskCreate = z
  .looseObject({
    ...createFields,
    id: EntityId.optional(),
    name: Slug.optional(),
    kind: z.string().min(1),
    project: z.string().optional(),
    spec: taskSpec.superRefine(refuseDuplicates),
  })
  .meta({ id: 'TaskCreate' })
export type TaskCreate = z.infer<typeof TaskCreate>
