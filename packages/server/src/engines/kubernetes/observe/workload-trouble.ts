import { isKeyOf } from 'davit/contract'
import type { ContainerObservation } from '#domain/observation.ts'
import { isHopeless } from '#domain/patience.ts'
import type { KubeObject, Pod } from '../objects.ts'
import { creationRefusal } from './creation.ts'
import { JOB_FAILURES } from './kubelet.ts'
import { podTrouble } from './pod-trouble.ts'
import { statusOf } from './pods.ts'
import { beginOfEvent, condition, holds, isLongRunning, isStopped, type KubeSeen, mainOf, timeOfEvent, type Trouble, wordsOf } from './seen.ts'

/** Replicas that start together are not all ready together: this long passes before it is called a fault. */
export const READY_GRACE_MS = 30_000

interface Replicas {
  readonly pods: readonly Pod[]
  readonly containers: readonly ContainerObservation[]
  readonly wanted: number
}

/** Why no pod was made: the controller's newest word on it, unless one was made since. */
function notMade(owner: KubeObject, { eventsOf, pods }: KubeSeen): Trouble | undefined {
  const failed = eventsOf(owner).find(({ reason }) => reason === 'FailedCreate')
  const time = failed && timeOfEvent(failed)
  if (!failed || pods.some(({ metadata }) => time !== undefined && (metadata.creationTimestamp ?? '') > time)) return undefined
  return { ...creationRefusal(failed.message ?? 'FailedCreate'), since: beginOfEvent(failed) }
}

/** The same of a Deployment: its condition, or its ReplicaSets' and what was said of them. */
function replicasNotMade(seen: KubeSeen): Trouble | undefined {
  const failure = [seen.deployment, ...seen.replicaSets].map((object) => holds(object?.status?.conditions, 'ReplicaFailure')).find(Boolean)
  if (failure) return { ...creationRefusal(failure.message ?? wordsOf(failure)), since: failure.lastTransitionTime }
  return seen.replicaSets.map((set) => notMade(set, seen)).find(Boolean)
}

/** A Job without a pod: not made yet, or made and taken away before it could be read. */
export function lostJob({ job, ref }: KubeSeen): Trouble | undefined {
  const failed = holds(job?.status?.conditions, 'Failed') ?? holds(job?.status?.conditions, 'FailureTarget')
  if (!failed || isStopped(job)) return undefined
  const reason = failed.reason ?? ''
  return {
    code: isKeyOf(JOB_FAILURES, reason) ? JOB_FAILURES[reason] : 'workload-removed',
    evidence: [`the pod of ${ref.name} is gone, and its exit code and log with it; the Job says ${wordsOf(failed)}`],
    since: failed.lastTransitionTime,
  }
}

const suspended = (what: string, since: string | undefined): Trouble => ({ code: 'suspended', evidence: [what], since })

function jobTrouble(seen: KubeSeen, { pods }: Replicas): Trouble | undefined {
  const { job } = seen
  if (job?.spec?.suspend && !isStopped(job))
    return suspended(`Job ${job.metadata.name} has suspend: true`, holds(job.status?.conditions, 'Suspended')?.lastTransitionTime)
  const [pod] = pods
  if (pod) return podTrouble(pod, seen)
  return job && (lostJob(seen) ?? (isStopped(job) ? undefined : notMade(job, seen)))
}

/** The first that will not pass by itself, else the first. */
const worst = (troubles: readonly Trouble[]): Trouble | undefined => troubles.find(({ code }) => isHopeless(code, 0)) ?? troubles[0]

/** Not ready for so long that it is no mere start. */
const isBehind = (pod: Pod, now: Date): boolean => {
  const ready = condition(pod.status?.conditions, 'Ready')
  return ready !== undefined && ready.status !== 'True' && now.getTime() - Date.parse(ready.lastTransitionTime ?? '') > READY_GRACE_MS
}

/** Some serve. Those that do not must never end those that do, so nothing of theirs is final. */
function partly(seen: KubeSeen, { pods, containers, wanted }: Replicas, cause: Trouble | undefined): Trouble | undefined {
  const ready = containers.filter((container) => container.ready).length
  const behind = pods.find((pod) => isBehind(pod, seen.now))
  if (!cause && !behind) return undefined
  const since = cause?.since ?? condition(behind?.status?.conditions, 'Ready')?.lastTransitionTime
  const why = cause?.evidence ?? (behind ? [`pod ${behind.metadata.name} is not ready`] : [])
  return { code: 'partly-available', evidence: [`${ready} of ${wanted} replicas are ready`, ...why], since }
}

/** The Deployment's own word, where no pod has a better one. A pod that runs but does not answer is the judge's to tell. */
function stuck({ deployment }: KubeSeen, { pods, wanted }: Replicas): Trouble | undefined {
  const progress = condition(deployment?.status?.conditions, 'Progressing')
  const allRun = pods.filter((pod) => statusOf(pod)?.state?.running).length >= wanted
  if (progress?.status !== 'False' || progress.reason !== 'ProgressDeadlineExceeded' || allRun) return undefined
  return { code: 'rollout-stuck', evidence: [progress.message ?? 'ProgressDeadlineExceeded'], since: progress.lastTransitionTime }
}

function deploymentTrouble(seen: KubeSeen, replicas: Replicas): Trouble | undefined {
  const { pods, containers, wanted } = replicas
  const { deployment } = seen
  if (deployment && wanted === 0) return suspended(`Deployment ${deployment.metadata.name} has replicas: 0`, undefined)
  const unmade = deployment && pods.length < wanted ? replicasNotMade(seen) : undefined
  const cause = unmade ?? worst(pods.flatMap((pod) => podTrouble(pod, seen) ?? [])) ?? stuck(seen, replicas)
  const ready = containers.filter((container) => container.ready).length
  if (ready > 0 && mainOf(seen)) return ready < wanted || cause ? partly(seen, replicas, cause) : undefined
  return cause
}

/** Why the workload is not as wanted, in the cluster's words. */
export const troubleOf = (seen: KubeSeen, replicas: Replicas): Trouble | undefined =>
  isLongRunning(seen) ? deploymentTrouble(seen, replicas) : jobTrouble(seen, replicas)
