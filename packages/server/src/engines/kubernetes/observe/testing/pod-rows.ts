import type { Row } from './row.ts'
import { cond, deleted, ofJob, pod, running, saying, unscheduled, waiting } from './things.ts'

const scheduling = (words: string, spec = {}) =>
  ofJob(unscheduled(`0/3 nodes are available: ${words}. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.`, spec))
const waits = (reason: string, message?: string) => ofJob(pod({ state: waiting(reason, message) }))
const told = (reason: string, message: string) => ofJob(saying(pod(), [reason, message]))
const pulling = (words: string) => waits('ErrImagePull', `rpc error: code = Unknown desc = failed to pull and unpack image "r/x:1": ${words}`)

const pending = (shows: string, seen: Row['seen'], verdict: Row['verdict'], phase: Row['phase'] = 'starting'): Row => ({
  shows,
  seen,
  state: 'PENDING',
  phase,
  ...(verdict && { verdict }),
})
const error = (shows: string, seen: Row['seen'], verdict: NonNullable<Row['verdict']>): Row => ({ shows, seen, state: 'ERROR', phase: 'finished', verdict })

/** What keeps a pod from running, whoever owns it. */
export const POD_ROWS: readonly Row[] = [
  pending('Unschedulable: Insufficient cpu', scheduling('1 Insufficient cpu, 2 node(s) had untolerated taint(s)'), 'unschedulable-cpu', 'scheduling'),
  pending('Unschedulable: Insufficient memory', scheduling('3 Insufficient memory'), 'unschedulable-memory', 'scheduling'),
  pending('Unschedulable: Insufficient nvidia.com/gpu (any extended resource)', scheduling('3 Insufficient nvidia.com/gpu'), 'unschedulable-gpu', 'scheduling'),
  pending(
    "Unschedulable: didn't match Pod's node affinity/selector",
    scheduling("3 node(s) didn't match Pod's node affinity/selector", { nodeSelector: { disk: 'ssd' } }),
    'unschedulable-selector',
    'scheduling',
  ),
  pending(
    "Unschedulable: didn't match Pod's node affinity/selector, and the pod has no selector",
    scheduling("3 node(s) didn't match Pod's node affinity/selector", { affinity: { nodeAffinity: {} } }),
    'unschedulable-affinity',
    'scheduling',
  ),
  pending(
    'Unschedulable: pod (anti-)affinity, topology spread',
    scheduling("3 node(s) didn't match pod anti-affinity rules"),
    'unschedulable-affinity',
    'scheduling',
  ),
  pending('Unschedulable: untolerated taint', scheduling('3 node(s) had untolerated taint {key: value}'), 'unschedulable-taint', 'scheduling'),
  pending('Unschedulable: volume node affinity conflict', scheduling('3 node(s) had volume node affinity conflict'), 'unschedulable-volume', 'scheduling'),
  pending(
    'Unschedulable: unbound immediate PersistentVolumeClaims',
    scheduling('pod has unbound immediate PersistentVolumeClaims'),
    'volume-pending',
    'scheduling',
  ),
  pending('Unschedulable: persistentvolumeclaim not found', scheduling('persistentvolumeclaim "data" not found'), 'config-missing', 'scheduling'),
  pending('Unschedulable: anything else', scheduling('3 node(s) were unschedulable'), 'unschedulable', 'scheduling'),
  pending('ContainerCreating', waits('ContainerCreating'), undefined),
  pending(
    'ContainerCreating, PodReadyToStartContainers',
    ofJob(pod({ status: { conditions: [cond('PodScheduled', 'True'), cond('PodReadyToStartContainers', 'True')] } })),
    undefined,
    'pulling',
  ),
  pending('ErrImagePull: pull QPS exceeded', waits('ErrImagePull', 'pull QPS exceeded'), undefined, 'pulling'),
  error('ErrImagePull, ImagePullBackOff: not found', pulling('failed to resolve reference "r/x:1": r/x:1: not found'), 'image-not-found'),
  error('ErrImagePull, ImagePullBackOff: 401, 403', pulling('unexpected status from HEAD request to https://r/v2/x: 403 Forbidden'), 'image-access-denied'),
  error(
    'ErrImagePull, ImagePullBackOff: no answer, for longer than 10 s',
    pulling('failed to do request: dial tcp: lookup r: no such host'),
    'image-registry-unreachable',
  ),
  pending('ErrImagePull, ImagePullBackOff: the disk is full', pulling('write /x: no space left on device'), 'disk-full', 'pulling'),
  error('RegistryUnavailable, for longer than 10 s', waits('RegistryUnavailable', 'registry is unavailable'), 'image-registry-unreachable'),
  error('ErrImageNeverPull', waits('ErrImageNeverPull', 'Container image "x" is not present with pull policy of Never'), 'image-not-found'),
  error('InvalidImageName', waits('InvalidImageName', 'couldn\'t parse image name "X Y"'), 'image-bad-name'),
  pending('ImageInspectError', waits('ImageInspectError', 'Failed to inspect image'), 'start-failed'),
  error('SignatureValidationFailed', waits('SignatureValidationFailed', 'no signature'), 'config-refused'),
  pending('CreateContainerConfigError: secret, configmap or key not found', waits('CreateContainerConfigError', 'secret "s" not found'), 'config-missing'),
  error(
    'CreateContainerConfigError: runAsNonRoot',
    waits('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root (pod: "x", container: main)'),
    'needs-root',
  ),
  pending('CreateContainerConfigError: anything else', waits('CreateContainerConfigError', 'failed to prepare subPath'), 'start-failed'),
  error(
    'CreateContainerError, RunContainerError: no such command',
    waits('CreateContainerError', 'failed to generate spec: no command specified'),
    'command-not-found',
  ),
  error(
    'RunContainerError: a user that the image does not know',
    waits('RunContainerError', 'unable to find user nobodyatall: no matching entries in passwd file'),
    'config-refused',
  ),
  pending('a reason that nobody knows', waits('SomethingNew', 'words'), 'start-failed'),
  pending('FailedCreatePodSandBox', told('FailedCreatePodSandBox', 'plugin type="flannel" failed'), 'start-failed'),
  pending('FailedCreatePodSandBox: no such runtime', told('FailedCreatePodSandBox', 'no runtime for "gvisor" is configured'), 'config-missing'),
  pending('FailedMount: not found', told('FailedMount', 'MountVolume.SetUp failed for volume "c" : configmap "c" not found'), 'config-missing'),
  pending(
    'FailedMount, FailedAttachVolume, FailedMapVolume: anything else',
    told('FailedAttachVolume', 'Multi-Attach error for volume "pvc-1"'),
    'volume-pending',
  ),
  {
    shows: "the control plane takes back the pod's readiness: its node is silent",
    seen: ofJob(
      pod({
        state: running,
        status: { phase: 'Running', conditions: [cond('PodScheduled', 'True'), cond('ContainersReady', 'True'), cond('Ready', 'False')] },
      }),
    ),
    state: 'RUNNING',
    phase: 'degraded',
    verdict: 'node-lost',
  },
  { shows: 'pod phase Unknown', seen: ofJob(pod({ state: running, status: { phase: 'Unknown' } })), state: 'RUNNING', phase: 'degraded', verdict: 'node-lost' },
  {
    shows: 'pod is being deleted, a minute and more after its grace',
    seen: ofJob(pod({ state: running, meta: deleted(90) })),
    state: 'RUNNING',
    phase: 'degraded',
    verdict: 'node-lost',
  },
]
