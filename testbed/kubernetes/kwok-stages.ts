import { FAKE_NODE_MARK } from './component-commands.ts'
import type { KubeClient } from './kube-call.ts'

interface Stage {
  readonly name: string
  readonly kind: 'Pod' | 'Node'
  readonly when: readonly (readonly [path: string, operator: string, ...values: string[]])[]
  /** Go template of the new status; undefined: the object is removed. */
  readonly status?: string
  readonly delay?: object
}

const NODE_CONDITIONS = `conditions:
{{ range NodeConditions }}
- {type: {{ .type | Quote }}, status: {{ .status | Quote }}, reason: {{ .reason | Quote }}, message: {{ .message | Quote }}, lastHeartbeatTime: {{ Now | Quote }}, lastTransitionTime: {{ Now | Quote }}}
{{ end }}`

const RUNNING = `{{ $now := Now }}
phase: Running
startTime: {{ $now | Quote }}
conditions:
- {type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }}}
containerStatuses:
{{ range .spec.containers }}
- {name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: "", ready: true, started: true, restartCount: 0, state: {running: {startedAt: {{ $now | Quote }}}}}
{{ end }}
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
{{ end }}
{{ with PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ index . 0 | Quote }}
{{ end }}`

const COMPLETED = `{{ $now := Now }}
phase: Succeeded
conditions:
- {type: Initialized, status: "True", reason: PodCompleted, lastTransitionTime: {{ $now | Quote }}}
- {type: Ready, status: "False", reason: PodCompleted, lastTransitionTime: {{ $now | Quote }}}
- {type: ContainersReady, status: "False", reason: PodCompleted, lastTransitionTime: {{ $now | Quote }}}
containerStatuses:
{{ range .spec.containers }}
- {name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: "", ready: false, started: false, restartCount: 0, state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}}
{{ end }}`

/** Annotation of a job's pod that says how long it runs (`5s`, `10m`); without it, it ends at once. */
export const RUNS_FOR = 'testbed.davit.dev/runs-for'

/** What happens to nodes and pods that nobody runs: a pod is up at once, a job's pod ends with 0 after its time, a deleted one goes. */
const STAGES: readonly Stage[] = [
  {
    name: 'node-up',
    kind: 'Node',
    when: [['.status.conditions.[] | select( .type == "Ready" ) | .status', 'NotIn', 'True']],
    status: `${NODE_CONDITIONS}\naddresses:\n- {type: InternalIP, address: {{ NodeIP | Quote }}}\n- {type: Hostname, address: {{ NodeName | Quote }}}`,
  },
  {
    name: 'pod-runs',
    kind: 'Pod',
    when: [
      ['.metadata.deletionTimestamp', 'DoesNotExist'],
      ['.status.phase', 'In', 'Pending'],
    ],
    status: RUNNING,
  },
  {
    name: 'job-pod-ends',
    kind: 'Pod',
    when: [
      ['.metadata.deletionTimestamp', 'DoesNotExist'],
      ['.status.phase', 'In', 'Running'],
      ['.metadata.ownerReferences.[].kind', 'In', 'Job'],
    ],
    status: COMPLETED,
    delay: { durationMilliseconds: 1, durationFrom: { expressionFrom: `.metadata.annotations["${RUNS_FOR}"]` } },
  },
  { name: 'pod-goes', kind: 'Pod', when: [['.metadata.deletionTimestamp', 'Exists']] },
]

const stageOf = ({ name, kind, when, status, delay }: Stage): object => ({
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name },
  spec: {
    resourceRef: { apiGroup: 'v1', kind },
    selector: { matchExpressions: when.map(([key, operator, ...values]) => ({ key, operator, ...(values.length > 0 && { values }) })) },
    ...(delay && { delay }),
    next: status === undefined ? { delete: true } : { statusTemplate: status },
  },
})

/** How much kwok does at once: its default of 4 is too slow for thousands of pods. */
const PARALLEL = {
  podPlayStageParallelism: 32,
  nodePlayStageParallelism: 4,
  nodeLeaseParallelism: 4,
  podsOnNodeSyncParallelism: 4,
}

/** kwok's configuration. */
export const kwokSettings = (): string => {
  const options = { apiVersion: 'config.kwok.x-k8s.io/v1alpha1', kind: 'KwokConfiguration', options: PARALLEL }
  return [options, ...STAGES.map(stageOf)].map((each) => JSON.stringify(each)).join('\n---\n')
}

export const fakeNodeName = (index: number): string => `fake-${String(index + 1).padStart(4, '0')}`

/** Makes the nodes that kwok then plays: 32 CPUs, 256 GiB and 250 pods each, label `type=kwok`. */
export const makeFakeNodes = async (client: KubeClient, count: number): Promise<void> => {
  const [mark = '', value = ''] = FAKE_NODE_MARK.split('=')
  const size = { cpu: '32', memory: '256Gi', pods: '250' }
  const make = async (index: number): Promise<void> => {
    const name = fakeNodeName(index)
    const labels = { type: 'kwok', 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' }
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels, annotations: { [mark]: value } }, status: { allocatable: size, capacity: size } }
    const { status, body } = await client.call('POST', '/api/v1/nodes', node)
    if (status !== 201 && status !== 409) throw new Error(`cannot make node ${name}: ${JSON.stringify(body)}`)
  }
  await Promise.all(Array.from({ length: count }, (_, index) => make(index)))
}
