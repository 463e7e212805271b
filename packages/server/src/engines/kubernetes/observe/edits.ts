import { isDeepStrictEqual } from 'node:util'
import type { Deployment, Service } from '../objects.ts'
import { appliedOf, belongingsOf, HIDDEN, valuesOf } from './applied.ts'
import { lackOf } from './lack.ts'
import { isDeleted, isStopped, type KubeSeen, mainOf } from './seen.ts'

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** As the annotation has it: JSON leaves out what is not there. Numbers of node ports that nobody chose are the cluster's. */
function comparable(value: unknown, like: unknown): unknown {
  const ports =
    Array.isArray(value) && Array.isArray(like) ? value.map((port, index) => (like[index]?.nodePort ? port : { ...port, nodePort: undefined })) : value
  return JSON.parse(JSON.stringify(ports ?? null))
}

const isHidden = (field: string): boolean => HIDDEN.some((hidden) => hidden === field)

function changed(object: Deployment | Service): readonly string[] {
  const made = appliedOf(object)
  return Object.entries(valuesOf(object)).flatMap(([field, value]) => {
    const [was, is] = [made[field], comparable(value, made[field])]
    if (was === undefined || value === undefined || isDeepStrictEqual(was, is)) return []
    const how = isHidden(field) ? '' : ` from ${text(was)} to ${text(is)}`
    return [`${field} of ${object.kind} ${object.metadata.name} was changed in the cluster${how}`]
  })
}

const wasDeleted = ({ kind, name }: { readonly kind: string; readonly name: string }): string => `${kind} ${name} was deleted in the cluster`

/** Of the run's own volumes: they are not made again, for what was in them is lost. */
function lostClaims({ deployment, claims }: KubeSeen): readonly string[] {
  const stay = new Set(claims.filter((claim) => !isDeleted(claim)).map(({ metadata }) => metadata.name))
  const made = deployment ? belongingsOf(deployment).claims : []
  return made.filter((name) => !stay.has(name)).map((name) => wasDeleted({ kind: 'PersistentVolumeClaim', name }))
}

/** What is missing that a workload which nobody touched has. */
function missing(seen: KubeSeen): readonly string[] {
  const { ref, pods, replicaSets } = seen
  if (mainOf(seen)) return []
  const left = pods.length > 0 && !pods.some((pod) => isStopped(pod) || isDeleted(pod)) && !replicaSets.some(isDeleted)
  return left ? [`the object that owns the pods of ${ref.name} was deleted in the cluster; they go on without it`] : []
}

const isLiving = (deployment: Deployment | undefined): deployment is Deployment => deployment !== undefined && !isStopped(deployment)

/** What somebody changed by hand, as sentences. */
export const editsOf = (seen: KubeSeen): readonly string[] => [
  ...(isLiving(seen.deployment) ? [seen.deployment, ...seen.services].flatMap(changed) : []),
  ...lackOf(seen).map(wasDeleted),
  ...(isLiving(seen.deployment) ? lostClaims(seen) : []),
  ...missing(seen),
]
