import type { ContainerObservation } from '#domain/observation.ts'
import type { Pod, Terminated } from '../objects.ts'
import { NEVER_BEGAN } from './kubelet.ts'
import { statusOf } from './pods.ts'
import { holds, isOver, wordsOf } from './seen.ts'

/** Never began: the runtime stamps such a life with the beginning of time, or the code of its own failure. */
const began = ({ startedAt, reason }: Terminated): string | undefined =>
  startedAt?.startsWith('1970-') || Object.hasOwn(NEVER_BEGAN, reason ?? '') ? undefined : startedAt
const isOom = ({ reason }: Terminated): boolean => reason === 'OOMKilled'
const exitOf = ({ exitCode, reason }: Terminated): number | undefined => (reason === 'ContainerStatusUnknown' ? undefined : exitCode)

/** What the node says of a container that has no exit code of its own making. */
function errorOf(pod: Pod, last: Terminated | undefined): string | undefined {
  if (last && Object.hasOwn(NEVER_BEGAN, last.reason ?? '')) return last.message ?? last.reason
  return last === undefined && isOver(pod) ? wordsOf(pod.status ?? {}) || undefined : undefined
}

const codeOf = (pod: Pod, last: Terminated | undefined): number | undefined => (last ? exitOf(last) : pod.status?.phase === 'Succeeded' ? 0 : undefined)

/** A signal's code: somebody ended it, and only the pod says who and why (its deadline, an eviction). */
const BY_SIGNAL: readonly number[] = [137, 143]
/** An end of the process's own making, or by its own memory limit, needs no reason from the pod, which comes half a second later. */
const speaksForItself = ({ metadata, spec }: Pod, { exitCode, reason }: Terminated): boolean =>
  metadata.deletionTimestamp === undefined &&
  (exitCode === 0 || reason === 'OOMKilled' || (reason === 'Error' && !BY_SIGNAL.includes(exitCode) && spec?.activeDeadlineSeconds === undefined))

/** How a life ended, and how long it was where its node says when it began. */
function lifeOf(life: Terminated): NonNullable<ContainerObservation['lastExit']> {
  const [from, to] = [began(life), life.finishedAt]
  return { exitCode: life.exitCode, oomKilled: isOom(life), ...(from && to && { ranMs: Date.parse(to) - Date.parse(from) }) }
}

/** A pod's container. `restarts`: its node starts it again when it ends. */
export function containerOf(pod: Pod, { replica, restarts }: { readonly replica: number; readonly restarts: boolean }): ContainerObservation {
  const status = statusOf(pod)
  const { running, terminated } = status?.state ?? {}
  const ended = isOver(pod) || (!restarts && terminated !== undefined && speaksForItself(pod, terminated))
  const before = status?.lastState?.terminated
  const last = terminated ?? before
  const previous = ended || (terminated && !restarts) ? terminated && before : last
  return {
    name: pod.metadata.name,
    replica,
    state: ended ? 'ended' : running || (terminated && !restarts) ? 'running' : 'waiting',
    ready: !ended && running !== undefined && holds(pod.status?.conditions, 'Ready') !== undefined,
    restarts: status?.restartCount ?? 0,
    exitCode: ended ? codeOf(pod, last) : undefined,
    oomKilled: ended && last !== undefined && isOom(last),
    error: errorOf(pod, last),
    lastExit: previous && lifeOf(previous),
    startedAt: running?.startedAt ?? (last && began(last)),
    endedAt: ended || (restarts && !running) ? last?.finishedAt : undefined,
  }
}
