import type { Action, EnvVar, ImagePullPolicy, RequestAndLimit, ServiceType, VolumeType } from 'davit/contract'

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
  /** The existing volume that a `shared_volume` mounts. */
  readonly claimName: string | undefined
  /** File name → text, of a `config_map`. For a `secret` volume the engine gets values through `Secrets`. */
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
  readonly volumes: readonly WorkloadVolume[]
  /** cpu in cores, mem and disk in bytes, gpu in pieces. */
  readonly resources: Partial<Record<'cpu' | 'mem' | 'gpu' | 'disk', RequestAndLimit>>
  readonly runAsUser: number | undefined
  readonly runAsGroup: number | undefined
  readonly fsGroup: number | undefined
  readonly labels: Readonly<Record<string, string>>
  /** Seconds between the polite and the hard end. */
  readonly graceSeconds: number
}

/** Values of the secrets that a workload names. Never stored, logged or put into labels. */
export type Secrets = Readonly<Record<string, string>>
