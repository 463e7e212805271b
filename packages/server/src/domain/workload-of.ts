import {
  ACTIONS,
  type Action,
  envList,
  labelMap,
  parseFunctionRef,
  parseQuantity,
  requestsAndLimits,
  selectorMap,
  type RunSpec,
  type ServicePort,
  VOLUME_TYPES,
  type Volume,
} from 'davit/contract'
import { inCamelCase } from './camel-case.ts'
import { dnsLabel, workloadName } from './names.ts'
import type { Workload, WorkloadPort, WorkloadVolume } from './workload.ts'

/** Kubernetes' and Docker's own default is 30 and 10; a laptop's user waits for it, so the shorter. */
const DEFAULT_GRACE_SECONDS = 10

const words = (value: string | readonly string[] | undefined): readonly string[] | undefined => (typeof value === 'string' ? [value] : value)

/** `entrypoint` and `command` as one process and its arguments, with Kubernetes' meaning (contract: functionParameters). */
export function processOf({ entrypoint, command, args }: Pick<RunSpec, 'entrypoint' | 'command' | 'args'>): Pick<Workload, 'command' | 'args'> {
  const first = words(entrypoint)
  const second = words(command)
  if (!first) return { command: second, args }
  return { command: first, args: second || args ? [...(second ?? []), ...(args ?? [])] : undefined }
}

const toPort = ({ port, target_port, node_port, name, protocol = 'TCP' }: ServicePort): WorkloadPort => ({
  name: name ?? `port${port}`,
  port,
  targetPort: target_port ?? port,
  nodePort: node_port,
  protocol,
})

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const bytes = (value: unknown): number | undefined => (typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined)

const itemsOf = (spec: Record<string, unknown>): Record<string, string> => {
  const items = spec.items ?? spec.data
  return typeof items === 'object' && items !== null
    ? Object.fromEntries(Object.entries(items).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
    : {}
}

/** Which existing thing a volume shows, or under which name it is made. */
function sourceOf(type: Volume['volume_type'], name: string, spec: Record<string, unknown>): Pick<WorkloadVolume, 'claimName' | 'existing'> {
  if (type === 'config_map') {
    const named = text(spec.config_map_name ?? spec.configMapName)
    return { claimName: named, existing: named !== undefined }
  }
  if (!VOLUME_TYPES[type].outlivesAttempt) return { claimName: undefined, existing: false }
  const claim = text(spec.claim_name ?? spec.claimName)
  return { claimName: claim ?? name, existing: type === 'shared_volume' || claim !== undefined }
}

function toVolume({ volume_type, name, mount_path, spec = {} }: Volume): WorkloadVolume {
  return {
    type: volume_type,
    name,
    mountPath: mount_path,
    sizeBytes: bytes(spec.size_limit ?? spec.sizeLimit ?? spec.size),
    medium: text(spec.medium),
    ...sourceOf(volume_type, name, spec),
    storageClass: text(spec.storage_class ?? spec.storageClass),
    accessMode: text(spec.access_mode ?? spec.accessMode),
    image: volume_type === 'image' ? (text(spec.image ?? spec.reference) ?? name) : undefined,
    subPath: text(spec.sub_path ?? spec.subPath),
    readOnly: spec.read_only === true || spec.readOnly === true,
    items: volume_type === 'config_map' ? itemsOf(spec) : {},
    secretName: volume_type === 'secret' ? (text(spec.secret_name ?? spec.secretName) ?? name) : undefined,
  }
}

/** Where it may run. */
const placeOf = (spec: RunSpec): Pick<Workload, 'nodeSelector' | 'affinity' | 'tolerations' | 'priorityClass' | 'runtimeClass' | 'cluster'> => ({
  nodeSelector: selectorMap(spec.node_selector ?? {}),
  affinity: spec.affinity && inCamelCase(spec.affinity),
  tolerations: (spec.tolerations ?? []).map(inCamelCase),
  priorityClass: spec.priority_class,
  runtimeClass: spec.runtime_class,
  cluster: spec.cluster,
})

export interface WorkloadInput {
  readonly id: string
  readonly project: string
  readonly action: Action
  readonly spec: RunSpec
}

/** What an attempt of a run asks of an engine. Pure: the same run and attempt give the same workload, for ever. The spec must be sealed. */
export function workloadOf({ id, project, action, spec }: WorkloadInput, attempt: number): Workload {
  const functionName = parseFunctionRef(spec.function ?? '')?.name ?? id
  const own = dnsLabel(`${action}-${id}`)
  return {
    name: workloadName({ id, action }, attempt),
    runId: id,
    attempt,
    project,
    functionName,
    action,
    image: spec.image ?? '',
    pullPolicy: spec.image_pull_policy ?? 'IfNotPresent',
    ...processOf(spec),
    env: [...envList(spec.env ?? []), ...envList(spec.envs ?? [])],
    secretNames: spec.secrets ?? [],
    replicas: action === 'job' ? 1 : (spec.replicas ?? 1),
    ports: action === 'serve' ? (spec.service_ports ?? []).map(toPort) : [],
    serviceType: spec.service_type ?? 'NodePort',
    serviceNames: action === 'serve' ? [...new Set([spec.service_name ?? dnsLabel(functionName), dnsLabel(functionName), own])] : [],
    serviceName: action === 'serve' ? spec.service_name : undefined,
    volumes: (spec.volumes ?? []).map(toVolume),
    resources: requestsAndLimits(spec.resources ?? {}),
    runAsUser: spec.run_as_user,
    runAsGroup: spec.run_as_group,
    fsGroup: spec.fs_group,
    labels: labelMap(spec.labels ?? {}),
    ...placeOf(spec),
    annotations: spec.annotations ?? {},
    pullSecrets: spec.image_pull_secrets ?? [],
    serviceAccount: spec.service_account,
    podSecurity: spec.pod_security ?? 'baseline',
    deadlineSeconds: ACTIONS[action].longRunning ? undefined : spec.active_deadline_seconds,
    graceSeconds: spec.termination_grace_period_seconds ?? DEFAULT_GRACE_SECONDS,
  }
}
