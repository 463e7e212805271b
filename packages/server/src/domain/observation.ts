import type { Refusal } from './engine.ts'

/** One container of a workload, now. Times are ISO 8601 in UTC. */
export interface ContainerObservation {
  /** Unique within the run; the log's name. */
  readonly name: string
  readonly replica: number
  readonly state: 'waiting' | 'running' | 'ended'
  /** Running, and every port that it should serve answers. */
  readonly ready: boolean
  /** How often it was started again after it ended. */
  readonly restarts: number
  /** How often of that in a row after a short life; who looks counts it, see `countRestarts`. Default: 0. */
  readonly quickRestarts?: number
  readonly exitCode: number | undefined
  readonly oomKilled: boolean
  /** The engine's own words, where it has some (a start that failed). */
  readonly error: string | undefined
  /** How it ended the time before, for containers that are started again, and how long that life was where the engine knows it. */
  readonly lastExit: { readonly exitCode: number; readonly oomKilled: boolean; readonly ranMs?: number } | undefined
  readonly startedAt: string | undefined
  readonly endedAt: string | undefined
}

/** Where a service port answers from outside: `host:port` without a scheme. */
export interface PublishedPort {
  readonly name: string
  readonly port: number
  readonly targetPort: number
  readonly protocol: 'TCP' | 'UDP'
  readonly host: string
  readonly hostPort: number
  /** The port on every machine of the engine, where the service has one. */
  readonly nodePort: number | undefined
  /** Does something listen on the target port? Undefined: not looked (not running, or UDP). */
  readonly listening: boolean | undefined
}

/**
 * What the engine sees of a workload now. `absent` is an answer of a read that succeeded; a read that failed throws, and is never
 * evidence of anything.
 */
export type Observation = { readonly phase: 'absent' } | PresentObservation

export interface PresentObservation {
  /** `waiting`: not all containers were started yet. `running`: at least one runs or will be started again. `ended`: none will. */
  readonly phase: 'waiting' | 'running' | 'ended'
  /** The engine object's own id, for the ledger. */
  readonly uid: string
  readonly containers: readonly ContainerObservation[]
  readonly ports: readonly PublishedPort[]
  /** The name under which the engine has the service, where that is not the first of the workload's own. */
  readonly serviceName?: string | undefined
  /** Address inside the project's network. */
  readonly clusterIP: string | undefined
  /** Where a load balancer answers: scheme, host and port. */
  readonly loadBalancer?: string | undefined
  /** The namespace that holds it. Default: the project's name. */
  readonly namespace?: string | undefined
  /** Why it is not as wanted, in the engine's own words; `since` is ISO 8601. What is not transient (contract: VERDICT_CODES) ends the attempt. */
  readonly trouble?: (Refusal & { readonly since: string | undefined }) | undefined
  /** What was asked to end has had its time, and is where nobody can make it end now. Default: it will end. */
  readonly outOfReach?: boolean
  /** What a workload that waits waits for. */
  readonly waitsFor?: 'scheduling' | 'pulling' | 'starting' | undefined
  /** When the same sight will mean something else though nothing changes and no hint comes. Undefined: at any time. */
  readonly lookInMs?: number | undefined
  /** Containers that the engine has replaced, of which it still has something: their logs can be read, whole once they have ended. */
  readonly replaced?: readonly { readonly name: string; readonly ended: boolean }[] | undefined
  /** What somebody changed by hand: sentences, shown as notes. */
  readonly edits?: readonly string[] | undefined
  /** Something that belongs to it was taken away while it goes on: `apply` makes it again. */
  readonly incomplete?: boolean
  /** Further names of its service that lead to a newer run of the project now. */
  readonly namesLost?: readonly string[]
  /** The engine's own objects, for `status.k8s` and `status.pods`: small, and without any secret. */
  readonly objects?: { readonly k8s: Record<string, unknown>; readonly pods: Record<string, unknown>[] } | undefined
}
