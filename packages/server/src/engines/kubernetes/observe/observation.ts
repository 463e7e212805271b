import type { ContainerObservation, Observation, PresentObservation } from '#domain/observation.ts'
import { ANNOTATION } from '../labels.ts'
import type { Pod } from '../objects.ts'
import { containerOf } from './container.ts'
import { editsOf } from './edits.ts'
import { lackOf } from './lack.ts'
import { isPulling } from './pod-trouble.ts'
import { nextLook } from './next-look.ts'
import { isOutOfReach } from './out-of-reach.ts'
import { replicasOf, statusOf } from './pods.ts'
import { clusterIPOf, loadBalancerOf, ownService, portsOf } from './ports.ts'
import { holds, isLongRunning, isOver, isStopped, type KubeSeen, mainOf } from './seen.ts'
import { objectsOf } from './shown.ts'
import { lostJob, troubleOf } from './workload-trouble.ts'

type Phase = PresentObservation['phase']

const gone = (seen: KubeSeen, said: Partial<ContainerObservation>): ContainerObservation => ({
  name: seen.ref.name,
  replica: 0,
  state: 'ended',
  ready: false,
  restarts: 0,
  exitCode: undefined,
  oomKilled: false,
  error: undefined,
  lastExit: undefined,
  startedAt: undefined,
  endedAt: undefined,
  ...said,
})

/** What a finished Job still knows of a container whose pod is gone: that it succeeded, or not more than that it did not. */
function remembered(seen: KubeSeen): readonly ContainerObservation[] {
  const { job } = seen
  const { conditions, startTime, completionTime, succeeded = 0 } = job?.status ?? {}
  if (succeeded > 0 || holds(conditions, 'Complete') || holds(conditions, 'SuccessCriteriaMet'))
    return [gone(seen, { exitCode: 0, startedAt: startTime, endedAt: completionTime ?? holds(conditions, 'Complete')?.lastTransitionTime })]
  const lost = lostJob(seen)
  return lost ? [gone(seen, { error: lost.evidence[0], endedAt: lost.since })] : []
}

const wantedOf = (seen: KubeSeen, pods: readonly Pod[]): number => {
  if (!isLongRunning(seen)) return 1
  return seen.deployment ? (seen.deployment.spec?.replicas ?? 1) : pods.length
}

function phaseOf(seen: KubeSeen, { containers, wanted }: { containers: readonly ContainerObservation[]; wanted: number }): Phase {
  if (isLongRunning(seen) && seen.deployment === undefined) return containers.every(({ state }) => state === 'ended') ? 'ended' : 'running'
  const allEnded = containers.length > 0 && containers.every(({ state }) => state === 'ended')
  if (!isLongRunning(seen) && (allEnded || (containers.length === 0 && isStopped(seen.job)))) return 'ended'
  if (wanted === 0) return 'waiting'
  const started = containers.filter(({ startedAt }) => startedAt !== undefined)
  return started.length < wanted ? 'waiting' : 'running'
}

/** What those wait for that never ran, the earliest first. */
function waitsFor(pods: readonly Pod[]): PresentObservation['waitsFor'] {
  if (pods.length === 0 || pods.some(({ spec }) => spec?.nodeName === undefined)) return 'scheduling'
  const waiting = pods.filter(({ status }) => status?.phase === 'Pending')
  return waiting.some(isPulling) ? 'pulling' : 'starting'
}

/** The main object's id. Pods that outlived theirs name it, or at least themselves. */
const uidOf = (seen: KubeSeen, [pod]: readonly Pod[]): string =>
  mainOf(seen)?.metadata.uid ??
  pod?.metadata.annotations?.[ANNOTATION.uid] ??
  pod?.metadata.ownerReferences?.find(({ kind }) => kind === 'Job')?.uid ??
  pod?.metadata.uid ??
  seen.ref.name

/** Says of a success whose log could not be stored that it is so. */
const lostLog = (seen: KubeSeen, pods: readonly Pod[], containers: readonly ContainerObservation[]): readonly string[] =>
  pods.length === 0 && containers.some(({ exitCode }) => exitCode === 0) ? [`the pod of ${seen.ref.name} was removed before its log was stored`] : []

/** Pods of a Deployment that are over or being deleted: others stand in for them. */
function replacedOf(seen: KubeSeen, pods: readonly Pod[]): PresentObservation['replaced'] {
  if (!isLongRunning(seen) || !mainOf(seen)) return undefined
  const replaced = seen.pods.filter((pod) => !pods.includes(pod))
  return replaced.length === 0
    ? undefined
    : replaced.map((pod) => ({ name: pod.metadata.name, ended: isOver(pod) || statusOf(pod)?.state?.terminated !== undefined }))
}

/** What a cluster's cache knows of a workload, as an observation. Pure; `absent` only when there is neither a main object nor a pod. */
export function observation(seen: KubeSeen): Observation {
  const main = mainOf(seen)
  const pods = replicasOf(seen)
  if (!main && pods.length === 0) return { phase: 'absent' }
  const restarts = isLongRunning(seen)
  const alive = pods.map((pod, replica) => containerOf(pod, { replica, restarts }))
  const containers = pods.length === 0 && seen.job && !isStopped(seen.job) ? remembered(seen) : alive
  const wanted = wantedOf(seen, pods)
  const phase = phaseOf(seen, { containers, wanted })
  const ports = portsOf(seen, pods, containers)
  const trouble = troubleOf(seen, { pods, containers, wanted })
  const edits = [...editsOf(seen), ...lostLog(seen, pods, containers)]
  const incomplete = lackOf(seen).length > 0
  return {
    phase,
    uid: uidOf(seen, pods),
    containers,
    ports,
    serviceName: ownService(seen)?.metadata.name,
    clusterIP: clusterIPOf(seen),
    loadBalancer: loadBalancerOf(seen),
    namespace: (main ?? pods[0])?.metadata.namespace,
    trouble,
    ...(isOutOfReach(pods, seen.now) && { outOfReach: true }),
    waitsFor: phase === 'waiting' ? waitsFor(pods) : undefined,
    lookInMs: nextLook({ ports, containers, trouble, incomplete }, pods, seen.now),
    replaced: replacedOf(seen, pods),
    edits: edits.length > 0 ? edits : undefined,
    incomplete,
    namesLost: seen.names.lost,
    objects: objectsOf(seen, pods),
  }
}
