import { ACTIONS, type Action, type Note, requestsAndLimits, RunCreate, type RunSpec, unknownFields } from 'davit/contract'
import type { EngineCapabilities } from './engine.ts'

const isGiven = (value: unknown): boolean => value !== undefined && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0)

/** Parameters that an engine may not be able to honour, and the capability that says so. */
const NEEDS = {
  node_selector: 'nodeSelector',
  affinity: 'affinity',
  tolerations: 'tolerations',
  runtime_class: 'runtimeClass',
  priority_class: 'priorityClass',
  fs_group: 'fsGroup',
  annotations: 'annotations',
  image_pull_secrets: 'pullSecrets',
  service_account: 'serviceAccount',
  pod_security: 'podSecurity',
  cluster: 'clusters',
  active_deadline_seconds: 'deadline',
} as const satisfies Partial<Record<keyof RunSpec, keyof EngineCapabilities>>

/** Parameters that only mean something for some actions. */
const ONLY_FOR = {
  service_ports: (action: Action) => ACTIONS[action].service,
  service_type: (action: Action) => ACTIONS[action].service,
  service_name: (action: Action) => ACTIONS[action].service,
  replicas: (action: Action) => ACTIONS[action].longRunning,
  backoff_limit: (action: Action) => !ACTIONS[action].longRunning,
  active_deadline_seconds: (action: Action) => !ACTIONS[action].longRunning,
  schedule: () => false,
} as const satisfies Partial<Record<keyof RunSpec, (action: Action) => boolean>>

/** Asked for inside a parameter that is honoured otherwise. The size of a volume in memory always is. */
function partsOf({ resources = {}, volumes = [] }: RunSpec, can: EngineCapabilities): readonly { readonly path: string; readonly what: string }[] {
  const sized = volumes.flatMap(({ spec = {} }, index) =>
    (spec.size ?? spec.size_limit ?? spec.sizeLimit) !== undefined && spec.medium !== 'Memory'
      ? [{ path: `spec.volumes.${index}.spec`, what: 'limit to the size of this volume' }]
      : [],
  )
  return [
    ...(requestsAndLimits(resources).gpu !== undefined && !can.gpu ? [{ path: 'spec.resources.gpu', what: 'gpu' }] : []),
    ...(can.volumeSize ? [] : sized),
  ]
}

/** Everything in a sealed spec that will not have the effect its author may expect. */
export function notesFor({ spec, action, engine }: { spec: RunSpec; action: Action; engine: { name: string; can: EngineCapabilities } }): readonly Note[] {
  const needs = Object.entries(NEEDS).filter(([field, capability]) => isGiven(spec[field]) && !engine.can[capability])
  const misplaced = Object.entries(ONLY_FOR).filter(([field, fits]) => isGiven(spec[field]) && !fits(action))
  return [
    ...needs.map(
      ([field]): Note => ({ code: 'not-honoured', path: `spec.${field}`, message: `the ${engine.name} engine has no ${field.replaceAll('_', ' ')}` }),
    ),
    ...partsOf(spec, engine.can).map(({ path, what }): Note => ({ code: 'not-honoured', path, message: `the ${engine.name} engine has no ${what}` })),
    ...misplaced.map(([field]): Note => ({ code: 'not-for-action', path: `spec.${field}`, message: `${field} has no meaning for ${action}` })),
  ]
}

/** Fields of a run's spec that Davit does not know: kept, and said. */
export const unknownFieldNotes = (spec: unknown): readonly Note[] =>
  unknownFields(RunCreate.shape.spec, spec, ['spec']).map(({ path, nearest }) => ({
    code: 'unknown-field',
    path,
    message: `${path} is not known${nearest ? `; did you mean ${nearest}?` : ''}`,
  }))
