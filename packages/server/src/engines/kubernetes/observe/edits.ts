import { ANNOTATION } from '../labels.ts'
import type { Deployment, Job, TemplateObject } from '../objects.ts'
import { isDeleted, isStopped, type KubeSeen, mainOf } from './seen.ts'

interface EditableSpec {
  readonly replicas?: number
  readonly paused?: boolean
  readonly template?: TemplateObject
}

/** What people change by hand, and where it stands. A job's template cannot be changed, and that it is suspended is told as what is wrong. */
const EDITABLE = {
  replicas: ({ replicas }) => replicas,
  paused: ({ paused }) => paused ?? false,
  image: ({ template }) => template?.spec?.containers?.[0]?.image,
} as const satisfies Record<string, (spec: EditableSpec) => unknown>

const valuesOf = (spec: EditableSpec): Record<string, unknown> => Object.fromEntries(Object.entries(EDITABLE).map(([field, read]) => [field, read(spec)]))

/**
 * The annotation for a Deployment that is written: its values that people like to change, as they are wanted. A hash would not do:
 * the API server fills in the rest of a spec, and a generation does not tell our own second write from somebody else's.
 */
export const appliedAnnotation = (spec: EditableSpec): Record<string, string> => ({ [ANNOTATION.applied]: JSON.stringify(valuesOf(spec)) })

function wantedOf({ metadata }: Job | Deployment): Record<string, unknown> {
  try {
    const wanted: unknown = JSON.parse(metadata.annotations?.[ANNOTATION.applied] ?? '{}')
    return typeof wanted === 'object' && wanted !== null ? { ...wanted } : {}
  } catch {
    return {}
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function changed(deployment: Deployment): readonly string[] {
  const wanted = wantedOf(deployment)
  return Object.entries(valuesOf(deployment.spec ?? {}))
    .filter(([field, value]) => wanted[field] !== undefined && value !== undefined && value !== wanted[field])
    .map(([field, value]) => `${field} of Deployment ${deployment.metadata.name} was changed in the cluster from ${text(wanted[field])} to ${text(value)}`)
}

/** What is missing that a workload which nobody touched has. */
function missing(seen: KubeSeen): readonly string[] {
  const { ref, pods, replicaSets } = seen
  if (mainOf(seen)) return []
  const left = pods.length > 0 && !pods.some((pod) => isStopped(pod) || isDeleted(pod)) && !replicaSets.some(isDeleted)
  return left ? [`the object that owns the pods of ${ref.name} was deleted in the cluster; they go on without it`] : []
}

/** What somebody changed by hand, as sentences. */
export const editsOf = (seen: KubeSeen): readonly string[] => [
  ...(seen.deployment && !isStopped(seen.deployment) ? changed(seen.deployment) : []),
  ...missing(seen),
]
