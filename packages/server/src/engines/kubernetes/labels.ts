import { createHash } from 'node:crypto'
import type { WorkloadRef } from '#domain/engine.ts'
import type { Workload } from '#domain/workload.ts'

/** Labels of everything that Davit makes. Values are cut to what a label may hold; the annotation `REF` has the whole truth. */
export const LABEL = {
  managedBy: 'app.kubernetes.io/managed-by',
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  component: 'app.kubernetes.io/component',
  installation: 'davit.dev/installation',
  project: 'davit.dev/project',
  run: 'davit.dev/run',
  attempt: 'davit.dev/attempt',
  workload: 'davit.dev/workload',
} as const

export const ANNOTATION = {
  /** The workload that an object belongs to, as JSON. */
  ref: 'davit.dev/ref',
  /** What an object was made as: tells an edit by hand. */
  applied: 'davit.dev/applied',
  /** On a main object whose dependents are still being made: nothing of it may run yet. */
  held: 'davit.dev/held',
  /** On what we asked to end: when. Its end is then no surprise. */
  stopped: 'davit.dev/stopped',
  /** On a pod that outlives its Deployment: that one's uid. */
  uid: 'davit.dev/uid',
} as const

export const FIELD_MANAGER = 'davit'

/** Any text as a label value: as it is where that is allowed, else its allowed characters and a hash of the whole. */
export function labelValue(text: string): string {
  if (text.length <= 63 && /^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$/.test(text)) return text
  const clean = text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 54)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
  return `${clean || 'x'}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`
}

/** Every object of a workload carries these. */
export const ownLabels = ({ name, runId, attempt, project, functionName, action }: Workload, installation: string): Record<string, string> => ({
  [LABEL.managedBy]: 'davit',
  [LABEL.name]: labelValue(functionName),
  [LABEL.instance]: labelValue(name),
  [LABEL.component]: action,
  [LABEL.installation]: labelValue(installation),
  [LABEL.project]: labelValue(project),
  [LABEL.run]: labelValue(runId),
  [LABEL.attempt]: String(attempt),
  [LABEL.workload]: labelValue(name),
})

export const refAnnotation = ({ name, runId, project, attempt }: Pick<WorkloadRef, 'name' | 'runId' | 'project' | 'attempt'>): Record<string, string> => ({
  [ANNOTATION.ref]: JSON.stringify({ name, runId, project, attempt }),
})

/** Which workload an object belongs to. Undefined: its annotation is missing or was changed, so it is not ours to judge. */
export function refOfObject(annotations: Readonly<Record<string, string>> | undefined, cluster: string | undefined): WorkloadRef | undefined {
  try {
    const { name, runId, project, attempt }: Record<string, unknown> = JSON.parse(annotations?.[ANNOTATION.ref] ?? '{}')
    if (typeof name !== 'string' || typeof runId !== 'string' || typeof project !== 'string' || typeof attempt !== 'number') return undefined
    return { name, runId, project, attempt, cluster }
  } catch {
    return undefined
  }
}
