import * as z from 'zod'
import { createFields, entityFields } from './metadata.ts'
import { Metrics } from './metric.ts'
import { EntityId, Slug } from './name.ts'
import { Note } from './note.ts'
import { functionParameters, refuseDuplicates, runParameters } from './parameters.ts'
import { RUN_PHASES, RUN_STATES } from './run-state.ts'
import { ServiceStatus } from './service.ts'
import { Verdict } from './verdict.ts'
import { keysOf } from './table.ts'

const runSpec = z.looseObject({
  task: z.string().min(1),
  function: z.string().optional(),
  local_execution: z.boolean().optional(),
  ...runParameters,
  ...functionParameters,
})
/** The merged spec: sealed when the run is accepted, whatever later happens to its function and task. */
export const RunSpec = runSpec.meta({ id: 'RunSpec' })
export type RunSpec = z.infer<typeof RunSpec>

/** One container as last seen. Times are ISO 8601 in UTC. */
export const ContainerStatus = z
  .looseObject({
    name: z.string(),
    replica: z.int(),
    attempt: z.int(),
    state: z.enum(['waiting', 'running', 'ended']),
    ready: z.boolean(),
    restarts: z.int(),
    /** How often of that in a row, after lives of less than five minutes. */
    quick_restarts: z.int().optional(),
    exit_code: z.int().optional(),
    started: z.string().optional(),
    ended: z.string().optional(),
  })
  .meta({ id: 'ContainerStatus' })
export type ContainerStatus = z.infer<typeof ContainerStatus>

/** One try on the engine: which object it was, when, and how it ended. */
export const AttemptStatus = z
  .looseObject({
    number: z.int(),
    object: z.string(),
    uid: z.string().optional(),
    created: z.string(),
    started: z.string().optional(),
    ended: z.string().optional(),
    outcome: z.enum(['succeeded', 'failed', 'stopped', 'replaced']).optional(),
    exit_code: z.int().optional(),
  })
  .meta({ id: 'AttemptStatus' })
export type AttemptStatus = z.infer<typeof AttemptStatus>

export const RunStatus = z
  .looseObject({
    state: z.enum(RUN_STATES),
    phase: z.enum(keysOf(RUN_PHASES)).optional(),
    message: z.string().optional(),
    verdict: Verdict.optional(),
    notes: z.array(Note).optional(),
    transitions: z.array(z.looseObject({ status: z.enum(RUN_STATES), message: z.string().optional(), time: z.string() })).optional(),
    attempts: z.array(AttemptStatus).optional(),
    containers: z.array(ContainerStatus).optional(),
    service: ServiceStatus.optional(),
    /** What it measured, by name; absent where that is nothing. */
    metrics: Metrics.optional(),
    /** The cluster's own objects, as official clients show them. */
    k8s: z.looseObject({}).optional(),
    pods: z.array(z.looseObject({})).optional(),
  })
  .meta({ id: 'RunStatus' })
export type RunStatus = z.infer<typeof RunStatus>

/** The part of a run's status that the server makes from what it sees; state and history are kept apart. */
export type ServerStatus = {
  readonly [Key in 'phase' | 'message' | 'verdict' | 'notes' | 'containers' | 'service' | 'k8s' | 'pods']?: RunStatus[Key] | undefined
}

export const Run = z.looseObject({ ...entityFields, spec: RunSpec, status: RunStatus, extensions: z.array(z.unknown()).optional() }).meta({ id: 'Run' })
export type Run = z.infer<typeof Run>

/** No id, name or metadata needed. The run is started at once unless `local_execution` is true: then it stays CREATED and is the client's. */
export const RunCreate = z
  .looseObject({
    ...createFields,
    id: EntityId.optional(),
    name: Slug.optional(),
    kind: z.string().min(1),
    project: z.string().optional(),
    spec: runSpec.superRefine(refuseDuplicates),
    extensions: z.array(z.unknown()).optional(),
  })
  .meta({ id: 'RunCreate' })
export type RunCreate = z.infer<typeof RunCreate>
