import type { Action, EnvVar, ImagePullPolicy, PodSecurity, RequestAndLimit, ServiceType, Toleration, VolumeType } from 'davit/contract'
import type { WorkloadRef } from './engine.ts'

/** One port of a service. `nodePort` is set when the user wants that very port on the machine. */
export interface WorkloadPort {
  readonly name: string
  readonly port: number
  readonly targetPort: number
  readonly nodePort: number | undefined
  readonly protocol: 'TCP' | 'UDP'
}

export interface WorkloadVolume {
  readonly type: VolumeType
  readonly name: string
  readonly mountPath: string
  /** Size in bytes, where the user asked for one. */
  readonly sizeBytes: number | undefined
  /** `Memory`: keep it in RAM (empty_dir). */
  readonly medium: string | undefined
  /** The existing volume that a `shared_volume`, or a `persistent_volume_claim` that names one, mounts; else the name of the one to make. */
  readonly claimName: string | undefined
  /** The user named something that exists already: it is not made, and never removed. */
  readonly existing: boolean
  readonly storageClass: string | undefined
  /** As Kubernetes writes it, such as `ReadWriteOnce`. Undefined: that. */
  readonly accessMode: string | undefined
  /** Of an `image` volume. */
  readonly image: string | undefined
  readonly subPath: string | undefined
  readonly readOnly: boolean
  /** File name → text, of a `config_map`; empty where `existing`, then `name`d by `claimName`. For a `secret` volume the engine gets values through `Secrets`. */
  readonly items: Readonly<Record<string, string>>
  /** The secret that a `secret` volume shows as one file. */
  readonly secretName: string | undefined
}

/**
 * What a run's attempt becomes, in no engine's terms. Pure data, a function of (sealed run, attempt number): making it twice
 * gives the same. Holds no secret value.
 */
export interface Workload {
  /** The engine object's name: a function of run id and attempt, so that a second create finds the first. A DNS label. */
  readonly name: string
  readonly runId: string
  readonly attempt: number
  readonly project: string
  readonly functionName: string
  readonly action: Action
  readonly image: string
  readonly pullPolicy: ImagePullPolicy
  /** Replaces the image's ENTRYPOINT and CMD. Undefined: the image's own. */
  readonly command: readonly string[] | undefined
  /** Replaces the image's CMD. Undefined: the image's own, unless `command` is set. */
  readonly args: readonly string[] | undefined
  readonly env: readonly EnvVar[]
  /** Names of project secrets, each becoming a variable of that name. */
  readonly secretNames: readonly string[]
  readonly replicas: number
  readonly ports: readonly WorkloadPort[]
  readonly serviceType: ServiceType
  /** Names under which other containers of the project reach the service; first the run's own. */
  readonly serviceNames: readonly string[]
  /** The one of these that the user chose. Undefined: none. */
  readonly serviceName?: string | undefined
  readonly volumes: readonly WorkloadVolume[]
  /** cpu in cores, mem and disk in bytes, gpu in pieces. */
  readonly resources: Partial<Record<'cpu' | 'mem' | 'gpu' | 'disk', RequestAndLimit>>
  readonly runAsUser: number | undefined
  readonly runAsGroup: number | undefined
  readonly fsGroup: number | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly nodeSelector: Readonly<Record<string, string>>
  /** Kubernetes' own object. */
  readonly affinity: Readonly<Record<string, unknown>> | undefined
  readonly tolerations: readonly Toleration[]
  readonly priorityClass: string | undefined
  readonly runtimeClass: string | undefined
  readonly pullSecrets: readonly string[]
  readonly serviceAccount: string | undefined
  readonly podSecurity: PodSecurity
  /** What its project wants of everything in it, as it is when the workload is applied. */
  readonly projectSecurity?: PodSecurity | undefined
  readonly cluster: string | undefined
  /** Seconds from the container's start after which a job is ended. */
  readonly deadlineSeconds: number | undefined
  /** Seconds between the polite and the hard end. */
  readonly graceSeconds: number
}

export const refOf = ({ name, runId, project, attempt, cluster }: Workload): WorkloadRef => ({ name, runId, project, attempt, cluster })

/** Every secret that a workload is given, as a variable or as a file. */
export const secretNamesOf = ({ secretNames, volumes }: Workload): readonly string[] => [
  ...new Set([...secretNames, ...volumes.flatMap(({ secretName }) => secretName ?? [])]),
]

/** Values of the secrets that a workload names. Never stored, logged or put into labels. */
export type Secrets = Readonly<Record<string, string>>
