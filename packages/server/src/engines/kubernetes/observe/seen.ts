import { ACTIONS, type Action } from 'davit/contract'
import type { WorkloadRef } from '#domain/engine.ts'
import type { PresentObservation } from '#domain/observation.ts'
import { ANNOTATION } from '../labels.ts'
import type { NamesSeen } from '../service-names.ts'
import type { Claim, Condition, Deployment, Job, KubeEvent, KubeObject, Pod, ReplicaSet, Service } from '../objects.ts'

/** Everything of one workload that a cluster's cache knows at one moment. */
export interface KubeSeen {
  readonly ref: WorkloadRef
  readonly action: Action
  readonly job?: Job | undefined
  readonly deployment?: Deployment | undefined
  readonly replicaSets: readonly ReplicaSet[]
  readonly pods: readonly Pod[]
  readonly services: readonly Service[]
  /** Those that the workload's pods mount. */
  readonly claims: readonly Claim[]
  /** Under which it answers. */
  readonly names: NamesSeen
  /** Newest first. */
  readonly eventsOf: (object: KubeObject) => readonly KubeEvent[]
  /** The address of a node for callers from outside, where one is configured. */
  readonly nodeAddress?: string | undefined
  readonly now: Date
}

export type Trouble = NonNullable<PresentObservation['trouble']>

export const mainOf = ({ job, deployment }: KubeSeen): Job | Deployment | undefined => job ?? deployment
export const isLongRunning = ({ action }: KubeSeen): boolean => ACTIONS[action].longRunning

/** Its node has ended all of it, for good. */
export const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'
export const isDeleted = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined
/** We asked it to end. */
export const isStopped = (object: KubeObject | undefined): boolean => object?.metadata.annotations?.[ANNOTATION.stopped] !== undefined

export const condition = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined => conditions?.find((one) => one.type === type)
export const holds = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined => {
  const found = condition(conditions, type)
  return found?.status === 'True' ? found : undefined
}

/** `Reason: message`, of what is there. */
export const wordsOf = ({ reason, message }: { readonly reason?: string; readonly message?: string }): string => [reason, message].filter(Boolean).join(': ')

export const timeOfEvent = ({ lastTimestamp, eventTime, firstTimestamp }: KubeEvent): string | undefined => lastTimestamp ?? eventTime ?? firstTimestamp
/** When an event was first seen: it may have been counted many times since. */
export const beginOfEvent = ({ lastTimestamp, eventTime, firstTimestamp }: KubeEvent): string | undefined => firstTimestamp ?? eventTime ?? lastTimestamp
