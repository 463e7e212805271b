import { isKeyOf, type VerdictCode } from 'davit/contract'
import type { Claim, KubeEvent, Pod } from '../objects.ts'
import { DISRUPTIONS, NEVER_BEGAN, POD_ENDS, POD_EVENTS, WAITING } from './kubelet.ts'
import { statusOf } from './pods.ts'
import { schedulingCode } from './scheduling.ts'
import { beginOfEvent, condition, holds, isDeleted, isLongRunning, isOver, isStopped, type KubeSeen, type Trouble, wordsOf } from './seen.ts'

/** A node that answers has ended a pod this long after its grace. */
export const LONG_PAST_MS = 60_000

const trouble = (code: VerdictCode, since: string | undefined, ...evidence: readonly (string | undefined)[]): Trouble => ({
  code,
  evidence: evidence.flatMap((line) => line || []),
  since,
})
const reading = (code: VerdictCode | undefined, since: string | undefined, ...words: readonly (string | undefined)[]): Trouble | undefined =>
  code && trouble(code, since, ...words)

/** Who took the pod away before its time, or would not have it. */
function disruption({ status = {} }: Pod): Trouble | undefined {
  const target = holds(status.conditions, 'DisruptionTarget')
  const since = target?.lastTransitionTime
  const reason = status.reason ?? ''
  const words = wordsOf(status) || (target && wordsOf(target)) || ''
  if (isKeyOf(POD_ENDS, reason)) return trouble(POD_ENDS[reason], since, words)
  const by = target?.reason ?? ''
  return target && isKeyOf(DISRUPTIONS, by) ? trouble(DISRUPTIONS[by], since, words) : undefined
}

/** Why a pod that is over did not do what it should, beyond what its exit code says. */
function atTheEnd(pod: Pod): Trouble | undefined {
  if (pod.status?.phase === 'Succeeded') return undefined
  const terminated = statusOf(pod)?.state?.terminated
  const told = disruption(pod)
  if (told) return told
  const never = neverBegan(pod)
  if (never) return never
  const words = wordsOf(pod.status ?? {})
  return terminated === undefined && words !== '' ? trouble('start-failed', undefined, words) : undefined
}

/** A container whose last life never began. */
function neverBegan(pod: Pod): Trouble | undefined {
  const { state, lastState } = statusOf(pod) ?? {}
  const last = state?.running ? undefined : (state?.terminated ?? lastState?.terminated)
  const reason = last?.reason ?? ''
  if (!last || !isKeyOf(NEVER_BEGAN, reason)) return undefined
  const words = last.message ?? reason
  return reading(NEVER_BEGAN[reason](words), last.finishedAt, words)
}

/**
 * A node that is silent: the control plane takes back the readiness of its pods, and only that, since the node's own word on their
 * containers is the last one known. Or it does not carry out a deletion.
 */
export function nodeLost({ metadata, spec, status = {} }: Pod, now: Date): Trouble | undefined {
  const ready = condition(status.conditions, 'Ready')
  const silent = ready?.status === 'False' && ready.reason !== 'ReadinessGatesNotReady' && holds(status.conditions, 'ContainersReady') !== undefined
  const overdue = metadata.deletionTimestamp !== undefined && now.getTime() - Date.parse(metadata.deletionTimestamp) > LONG_PAST_MS
  if (!silent && !overdue && status.phase !== 'Unknown' && ready?.status !== 'Unknown') return undefined
  const said = overdue && !silent ? `does not end pod ${metadata.name}, which is being deleted` : `no longer reports on pod ${metadata.name}`
  return trouble('node-lost', ready?.lastTransitionTime, `node ${spec?.nodeName ?? '(unknown)'} ${said}`)
}

/** A job's pod that somebody deletes: what can still be read of it must be read now. */
const removal = (pod: Pod): Trouble | undefined =>
  isDeleted(pod)
    ? (disruption(pod) ?? trouble('workload-removed', pod.metadata.deletionTimestamp, `pod ${pod.metadata.name} is being deleted by somebody else`))
    : undefined

const claimWords = ({ claims, eventsOf }: KubeSeen): readonly string[] =>
  claims.filter(({ status }: Claim) => status?.phase === 'Pending' || status?.phase === 'Lost').flatMap((claim) => eventsOf(claim)[0]?.message ?? [])

function unscheduled(pod: Pod, seen: KubeSeen): Trouble | undefined {
  const scheduled = condition(pod.status?.conditions, 'PodScheduled')
  if (scheduled?.status !== 'False' || pod.spec?.nodeName !== undefined) return undefined
  const words = scheduled.message ?? scheduled.reason ?? ''
  const code = schedulingCode(words, pod)
  return trouble(code, scheduled.lastTransitionTime, words, ...(code === 'volume-pending' ? claimWords(seen) : []))
}

/** What a pull said, without the kubelet's "back-off", which comes and goes between two tries. */
const pullWords = (message: string): string => message.replace(/^Back-off pulling image "[^"]*"(?:: (?:Err\w+: )?)?/, '')

function pullTrouble(
  pod: Pod,
  { reason, message = '' }: { reason: 'ErrImagePull' | 'ImagePullBackOff'; message?: string | undefined },
  events: readonly KubeEvent[],
) {
  const failed = events.filter((event) => event.reason === 'Failed' && /failed to pull/i.test(event.message ?? ''))
  const words = pullWords(message) || failed.map((event) => event.message ?? '').find((text) => /: /.test(text)) || message || reason
  const began = failed.flatMap((event) => beginOfEvent(event) ?? []).sort()[0]
  // A pull secret that is not there is no trouble of its own: the kubelet pulls without it.
  const unread = events.find((event) => event.reason === 'FailedToRetrieveImagePullSecret')?.message
  return reading(WAITING[reason](words), began ?? condition(pod.status?.conditions, 'PodScheduled')?.lastTransitionTime, words, unread)
}

/** What the node says of a container that does not run. */
function waiting(pod: Pod, events: readonly KubeEvent[]): Trouble | undefined {
  const state = statusOf(pod)?.state?.waiting
  if (!state?.reason) return undefined
  const { reason, message } = state
  if (reason === 'ErrImagePull' || reason === 'ImagePullBackOff') return pullTrouble(pod, { reason, message }, events)
  const words = message ?? reason
  const since = condition(pod.status?.conditions, 'ContainersReady')?.lastTransitionTime
  if (isKeyOf(WAITING, reason)) return reading(WAITING[reason](words), since, words)
  return trouble('start-failed', since, wordsOf(state))
}

/** Its volumes are mounted and its network stands: what events told of them is past, and only the image and the container are missing. */
const isPrepared = ({ status }: Pod): boolean => holds(status?.conditions, 'PodReadyToStartContainers') !== undefined

/** What events say of a container that is still being created, when its state says nothing. */
function byEvents(pod: Pod, events: readonly KubeEvent[]): Trouble | undefined {
  const state = statusOf(pod)?.state
  if (state?.running || state?.terminated || !pod.spec?.nodeName || isPrepared(pod)) return undefined
  const newest = events.find(({ reason = '' }) => isKeyOf(POD_EVENTS, reason))
  const reason = newest?.reason ?? ''
  if (!newest || !isKeyOf(POD_EVENTS, reason)) return undefined
  // A sandbox that fails has another id at every try.
  const words = (newest.message ?? reason).replace(/ "[0-9a-f]{64}"/g, '')
  return reading(POD_EVENTS[reason](words), beginOfEvent(newest), words)
}

/** Is an image being pulled for it, or tried to? */
export function isPulling(pod: Pod): boolean {
  const reason = statusOf(pod)?.state?.waiting?.reason
  return reason === 'ErrImagePull' || reason === 'ImagePullBackOff' || (reason === 'ContainerCreating' && isPrepared(pod))
}

/** What keeps one pod from being as wanted; undefined: nothing that the cluster knows of. What we asked to end is in trouble only if nobody can hear of it. */
export function podTrouble(pod: Pod, seen: KubeSeen): Trouble | undefined {
  if (isStopped(pod) || isStopped(seen.job)) return isOver(pod) ? undefined : nodeLost(pod, seen.now)
  // Orphans of a Deployment are ours to end, or nobody's.
  if (isOver(pod)) return isLongRunning(seen) ? undefined : atTheEnd(pod)
  // Its pod is over in a moment, and says then whether that was its own doing.
  if (!isLongRunning(seen) && statusOf(pod)?.state?.terminated) return neverBegan(pod)
  const lost = nodeLost(pod, seen.now)
  if (lost) return lost
  const removed = isLongRunning(seen) ? undefined : removal(pod)
  if (removed) return removed
  const events = seen.eventsOf(pod)
  return unscheduled(pod, seen) ?? waiting(pod, events) ?? neverBegan(pod) ?? byEvents(pod, events)
}
