import type { VerdictCode } from 'davit/contract'
import type { Observation } from './observation.ts'
import type { Secrets, Workload } from './workload.ts'

/** The engine's definitive no, in its own words. Anything that may pass by itself has a transient code (contract: VERDICT_CODES). */
export interface Refusal {
  readonly code: VerdictCode
  readonly evidence: readonly string[]
}

/** What became of asking for a workload. */
export type Applied =
  | { readonly done: true; readonly uid: string }
  /** Under way in the background (a pull); a hint follows. Ask again then. */
  | { readonly done: false; readonly phase: 'pulling' | 'scheduling' | 'starting'; readonly detail: string }
  | { readonly refused: Refusal }

/** Names an engine object without its whole spec. Everything the engine made carries it in labels. */
export interface WorkloadRef {
  readonly name: string
  readonly runId: string
  readonly project: string
  /** 0: belongs to the run itself and outlives its attempts (a volume). */
  readonly attempt: number
  /** The cluster it is on; undefined: the engine's only or default one. */
  readonly cluster: string | undefined
}

/** Differences between engines are data. False: accepted, and noted on the run as not honoured. */
export interface EngineCapabilities {
  readonly nodeSelector: boolean
  readonly affinity: boolean
  readonly tolerations: boolean
  readonly runtimeClass: boolean
  readonly priorityClass: boolean
  readonly fsGroup: boolean
  readonly gpu: boolean
  readonly volumeSize: boolean
  readonly annotations: boolean
  readonly pullSecrets: boolean
  readonly serviceAccount: boolean
  readonly podSecurity: boolean
  readonly clusters: boolean
  readonly deadline: boolean
}

/** Of an engine that is one machine and no more. */
export const NO_CAPABILITIES: EngineCapabilities = {
  nodeSelector: false,
  affinity: false,
  tolerations: false,
  runtimeClass: false,
  priorityClass: false,
  fsGroup: false,
  gpu: false,
  volumeSize: false,
  annotations: false,
  pullSecrets: false,
  serviceAccount: false,
  podSecurity: false,
  clusters: false,
  deadline: false,
}

/** A parameter that the engine would refuse, known without asking it. */
export interface Problem {
  /** Where in the run's spec: `spec.volumes.0.name`. */
  readonly path: string
  /** What is wrong, and what is allowed. */
  readonly message: string
}

export interface EngineHealth {
  readonly healthy: boolean
  readonly version: string | undefined
  /** What is wrong, or what it is (`dockerd 20.10.24 at …`). */
  readonly detail: string
}

/**
 * The port that makes workloads real. Belongs to the core; `memory`, `docker` and `kubernetes` implement it and pass one suite.
 * Every method may throw: that means "not known, look again later", never that something is gone.
 */
export interface Engine {
  readonly name: 'memory' | 'docker' | 'kubernetes'
  readonly can: EngineCapabilities
  /** A project has a place of its own there, which enforces what the project wants. Default: false. */
  readonly holdsProjects?: boolean
  /** The engine itself makes a container again that somebody removed from a workload of several; nobody else needs to. */
  readonly replaces: boolean
  /** How long a workload that is well may go unseen while no hint comes, in ms: hints of some engines are more reliable than of others. */
  readonly lookMs: number
  /** What it would refuse of a workload, for a clear answer before anything is recorded. Pure. */
  check(workload: Workload): readonly Problem[]
  /**
   * Makes the workload exist and run. Idempotent by `workload.name`: what exists is kept, what was created but not started is
   * started or made anew, what has ended is never started again; of what runs for ever, missing parts are made again. A refusal leaves nothing behind
   * that was not there before. `signal` aborts before the next call to the
   * engine, when the caller has lost its right to act.
   */
  apply(workload: Workload, secrets: Secrets, signal: AbortSignal): Promise<Applied>
  observe(ref: WorkloadRef): Promise<Observation>
  /** What `observe` would say, at no cost, where all is known from a watch whose every event is a hint. Undefined: only asking tells. */
  glance?(ref: WorkloadRef): Observation | undefined
  /** Asks to end within `graceSeconds`, then kills. Returns at once; a hint follows the end. Idempotent; logs and volumes stay. */
  stop(ref: WorkloadRef, graceSeconds: number): Promise<void>
  /** Removes the attempt's containers and volatile volumes; with `volumes` those that outlive it too. Idempotent. */
  remove(ref: WorkloadRef, options: { readonly volumes: boolean }): Promise<void>
  /**
   * A container's log, raw bytes of stdout and stderr in the order written, from its first byte. With `follow` it goes on until the
   * container ends, at once where it is absent; without, up to now. Complete to the last byte once the container has ended. Throws LogLost
   * where the rest of it is gone for good, and without `follow` where the container is: an absent one is not one that said nothing.
   */
  logs(ref: WorkloadRef, container: string, options: { readonly follow: boolean; readonly signal: AbortSignal }): AsyncIterable<Uint8Array>
  /** Everything of this installation that exists, ended or not: for the sweeper. */
  list(): Promise<readonly WorkloadRef[]>
  /** Removes what belongs to no workload any more (unused project networks). Called now and then. */
  tidy(): Promise<void>
  /** Run ids that may have changed. Never state. Goes on after the engine's restarts; ends with the signal only. */
  hints(signal: AbortSignal): AsyncIterable<string>
  health(): Promise<EngineHealth>
  close(): Promise<void>
}
