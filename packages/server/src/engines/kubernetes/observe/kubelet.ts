import type { VerdictCode } from 'davit/contract'
import { pullRefusal, startCode } from '#engines/engine-words.ts'

/** Undefined: on its way, nothing wrong. */
type Meaning = (words: string) => VerdictCode | undefined

const always =
  (code: VerdictCode): Meaning =>
  () =>
    code
const nothing: Meaning = () => undefined

/** The kubelet puts off pulls of its own accord when there are many. */
const pulling: Meaning = (words) => (/pull QPS exceeded/i.test(words) ? undefined : pullRefusal(words).code)

const REFERS = /not found|non-?existent|couldn't find key|does not exist|no runtime for|not configured/i
/** The kubelet's caches are still being filled. */
const EARLY = /not registered|not yet been read|failed to sync/i

const starting: Meaning = (words) => {
  if (/OOM-killed|memory limit too low/i.test(words)) return 'oom-killed'
  return startCode(words) ?? 'start-failed'
}
const configuring: Meaning = (words) => {
  if (EARLY.test(words)) return undefined
  if (/runAsNonRoot/i.test(words)) return 'needs-root'
  return REFERS.test(words) ? 'config-missing' : 'start-failed'
}
const mounting: Meaning = (words) => {
  if (EARLY.test(words)) return undefined
  return REFERS.test(words) ? 'config-missing' : 'volume-pending'
}
const sandboxing: Meaning = (words) => (REFERS.test(words) && /runtime/i.test(words) ? 'config-missing' : 'start-failed')

/** A container that waits, by the kubelet's reason. A reason that is not here, with words, is a start that failed. */
export const WAITING = {
  ContainerCreating: nothing,
  PodInitializing: nothing,
  // How it ended before says more, and the judge counts how often.
  CrashLoopBackOff: nothing,
  ErrImagePull: pulling,
  ImagePullBackOff: pulling,
  RegistryUnavailable: always('image-registry-unreachable'),
  ErrImageNeverPull: always('image-not-found'),
  InvalidImageName: always('image-bad-name'),
  ImageInspectError: always('start-failed'),
  SignatureValidationFailed: always('config-refused'),
  CreateContainerConfigError: configuring,
  CreateContainerError: starting,
  RunContainerError: starting,
} as const satisfies Record<string, Meaning>

/** A life of a container that never began. */
export const NEVER_BEGAN = { StartError: starting, ContainerCannotRun: starting, ContainerStatusUnknown: always('workload-removed') } as const satisfies Record<
  string,
  Meaning
>

/**
 * What an event about a pod says of a container that is being created. The newest of these counts. Only warnings are watched: that a
 * step has been taken at last is known from the pod's conditions.
 */
export const POD_EVENTS = {
  FailedCreatePodSandBox: sandboxing,
  FailedMount: mounting,
  FailedAttachVolume: mounting,
  FailedMapVolume: mounting,
} as const satisfies Record<string, Meaning>

/** How a pod ended that its container did not end, by the pod's reason. A reason that is not here never began: the node would not have it. */
export const POD_ENDS = {
  Evicted: 'evicted',
  Terminated: 'evicted',
  NodeShutdown: 'evicted',
  Shutdown: 'evicted',
  Preempting: 'preempted',
  DeadlineExceeded: 'deadline-exceeded',
  NodeLost: 'evicted',
} as const satisfies Record<string, VerdictCode>

/** Who took a pod away, by the reason of its condition DisruptionTarget. */
export const DISRUPTIONS = {
  PreemptionByScheduler: 'preempted',
  DeletionByTaintManager: 'evicted',
  EvictionByEvictionAPI: 'evicted',
  TerminationByKubelet: 'evicted',
  DeletionByPodGC: 'evicted',
} as const satisfies Record<string, VerdictCode>

/** Why a Job failed of which no pod is left to ask. A reason that is not here: its pod was removed. */
export const JOB_FAILURES = { DeadlineExceeded: 'deadline-exceeded' } as const satisfies Record<string, VerdictCode>
