import type { WorkloadRef } from '#domain/engine.ts'
import type { Workload, WorkloadPort } from '#domain/workload.ts'
import * as z from 'zod'

/** The labels on everything that we make. What lacks our installation's label is never listed, stopped or removed. */
export const LABEL = {
  installation: 'davit.dev/installation',
  project: 'davit.dev/project',
  run: 'davit.dev/run',
  attempt: 'davit.dev/attempt',
  workload: 'davit.dev/workload',
  replica: 'davit.dev/replica',
  replicas: 'davit.dev/replicas',
  action: 'davit.dev/action',
  function: 'davit.dev/function',
  /** What the service publishes, as JSON, so that an observation needs no workload. */
  ports: 'davit.dev/ports',
  /** On volumes: how long they live. */
  volume: 'davit.dev/volume',
  managedBy: 'app.kubernetes.io/managed-by',
} as const

export type Labels = Readonly<Record<string, string>>

/** The user's own labels; ours are not theirs to set. */
const userLabels = (workload: Workload): Labels =>
  Object.fromEntries(Object.entries(workload.labels).filter(([name]) => !name.startsWith('davit.dev/') && name !== LABEL.managedBy))

const owned = (installation: string, project: string): Labels => ({
  [LABEL.managedBy]: 'davit',
  [LABEL.installation]: installation,
  [LABEL.project]: project,
})

export const containerLabels = (installation: string, workload: Workload, replica: number): Labels => ({
  ...userLabels(workload),
  ...owned(installation, workload.project),
  [LABEL.run]: workload.runId,
  [LABEL.attempt]: String(workload.attempt),
  [LABEL.workload]: workload.name,
  [LABEL.replica]: String(replica),
  [LABEL.replicas]: String(workload.replicas),
  [LABEL.action]: workload.action,
  [LABEL.function]: workload.functionName,
  ...(workload.ports.length > 0 && { [LABEL.ports]: JSON.stringify(workload.ports) }),
})

export const networkLabels = (installation: string, project: string): Labels => owned(installation, project)

/** Of a container's labels those that say whose it is. */
export const ownershipOf = (labels: Labels): Labels => owned(labels[LABEL.installation] ?? '', labels[LABEL.project] ?? '')

/** How long a volume lives: as the attempt, as the run, or until its owner removes it. */
export type VolumeLife = 'attempt' | 'run' | 'project'

export const volumeLabels = (installation: string, workload: Workload, life: VolumeLife): Labels => ({
  ...owned(installation, workload.project),
  ...(life !== 'project' && { [LABEL.run]: workload.runId }),
  ...(life === 'attempt' && { [LABEL.workload]: workload.name }),
  [LABEL.volume]: life,
})

/** `name=value` for the engine's filters. */
export const labelFilter = (wanted: Labels): { label: string[] } => ({ label: Object.entries(wanted).map(([name, value]) => `${name}=${value}`) })

/** Has every wanted label. Podman takes several label filters on volumes as "any of them", so no answer is used unchecked. */
export const hasLabels = (labels: Labels | null | undefined, wanted: Labels): boolean =>
  Object.entries(wanted).every(([name, value]) => labels?.[name] === value)

/** Which workload a container belongs to. Undefined: its labels are not whole, so it is not ours to judge. */
export function refOf(labels: Labels): WorkloadRef | undefined {
  const { [LABEL.workload]: name, [LABEL.run]: runId, [LABEL.project]: project, [LABEL.attempt]: attempt } = labels
  if (name === undefined || runId === undefined || project === undefined || attempt === undefined) return undefined
  return { name, runId, project, attempt: Number(attempt), cluster: undefined }
}

const Ports = z.array(z.object({ name: z.string(), port: z.int(), targetPort: z.int(), nodePort: z.int().optional(), protocol: z.enum(['TCP', 'UDP']) }))

/** The ports that a container's label lists; none if it has no such label or somebody else wrote it. */
export function portsOf(labels: Labels): readonly WorkloadPort[] {
  try {
    return Ports.parse(JSON.parse(labels[LABEL.ports] ?? '[]')).map((port) => ({ ...port, nodePort: port.nodePort }))
  } catch {
    return []
  }
}
