import { ANNOTATION, LABEL } from '#engines/kubernetes/labels.ts'
import type { Condition, ContainerState, Deployment, Job, KubeEvent, KubeObject, Metadata, Pod, ReplicaSet, Service } from '#engines/kubernetes/objects.ts'
import type { KubeSeen } from '../seen.ts'

export const NOW = new Date('2026-05-01T12:00:00Z')
/** Seconds before now, as Kubernetes writes times. */
export const ago = (seconds: number): string => new Date(NOW.getTime() - seconds * 1000).toISOString().replace('.000Z', 'Z')
export const NAME = 'davit-x-r1-1'
export const ref = { name: NAME, runId: 'r1', project: 'p', attempt: 1, cluster: undefined }

export const meta = (name: string, said: Partial<Metadata> = {}): Metadata => ({
  name,
  namespace: 'p',
  uid: `uid-${name}`,
  creationTimestamp: ago(60),
  labels: { [LABEL.workload]: NAME },
  ...said,
})

export const cond = (type: string, status: Condition['status'], reason?: string, message?: string): Condition => ({
  type,
  status,
  lastTransitionTime: ago(40),
  ...(reason && { reason }),
  ...(message && { message }),
})

/** Events of a sample are kept beside the objects that they are about. */
const spoken = new WeakMap<object, readonly KubeEvent[]>()
/** Gives an object its events, newest first: reason and message. */
export const saying = <T extends KubeObject>(object: T, ...events: readonly (readonly [reason: string, message: string])[]): T => {
  spoken.set(
    object,
    events.map(([reason, message], index) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: meta(`e${index}`),
      involvedObject: { name: object.metadata.name },
      reason,
      message,
      firstTimestamp: ago(30),
      lastTimestamp: ago(index),
    })),
  )
  return object
}

export interface PodSaid {
  readonly name?: string
  readonly meta?: Partial<Metadata>
  readonly spec?: Pod['spec']
  readonly status?: Pod['status']
  readonly state?: ContainerState
  readonly lastState?: ContainerState
  readonly restarts?: number
}

const placed = (ready: boolean): readonly Condition[] => [
  cond('PodScheduled', 'True'),
  cond('ContainersReady', ready ? 'True' : 'False'),
  cond('Ready', ready ? 'True' : 'False'),
]

/** A pod on a node. `state` is its container's; without one it is being created. */
export function pod({ name = `${NAME}-a`, meta: more = {}, spec, status, state, lastState, restarts = 0 }: PodSaid = {}): Pod {
  const running = state?.running !== undefined
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(name, more),
    spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'app:1' }], ...spec },
    status: {
      phase: running ? 'Running' : 'Pending',
      hostIP: '10.0.0.7',
      startTime: ago(50),
      conditions: placed(running),
      containerStatuses: [
        {
          name: 'main',
          image: 'app:1',
          ready: running,
          restartCount: restarts,
          state: state ?? { waiting: { reason: 'ContainerCreating' } },
          ...(lastState && { lastState }),
        },
      ],
      ...status,
    },
  }
}

export const running: ContainerState = { running: { startedAt: ago(20) } }
export const waiting = (reason: string, message?: string): ContainerState => ({ waiting: { reason, ...(message && { message }) } })
export const terminated = (exitCode: number, reason = exitCode === 0 ? 'Completed' : 'Error', message?: string): ContainerState => ({
  terminated: { exitCode, reason, startedAt: ago(20), finishedAt: ago(5), ...(message && { message }) },
})
/** A pod that is over. */
export const over = (phase: 'Succeeded' | 'Failed', said: PodSaid = {}): Pod =>
  pod({ ...said, status: { phase, conditions: [cond('PodScheduled', 'True'), cond('ContainersReady', 'False'), cond('Ready', 'False')], ...said.status } })

export const unscheduled = (message: string, spec: Pod['spec'] = {}): Pod => ({
  ...pod({ status: { phase: 'Pending', conditions: [cond('PodScheduled', 'False', 'Unschedulable', message)], containerStatuses: [] } }),
  spec,
})

export const job = (said: { meta?: Partial<Metadata>; spec?: Job['spec']; status?: Job['status'] } = {}): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: meta(NAME, said.meta),
  spec: { suspend: false, ...said.spec },
  status: { active: 1, startTime: ago(60), ...said.status },
})

export const deployment = (said: { meta?: Partial<Metadata>; spec?: Deployment['spec']; status?: Deployment['status'] } = {}): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: meta(NAME, said.meta),
  spec: { replicas: 1, ...said.spec },
  status: { replicas: 1, conditions: [cond('Progressing', 'True', 'ReplicaSetUpdated')], ...said.status },
})

export const replicaSet = (said: Partial<ReplicaSet> = {}): ReplicaSet => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: meta(`${NAME}-5d`), ...said })

export const service = (spec: Service['spec'] = {}, said: Partial<Service> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta('api'),
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.9', ports: [{ name: 'port80', port: 80, targetPort: 8080, protocol: 'TCP' }], ...spec },
  ...said,
})

const view = (said: Partial<KubeSeen>): KubeSeen => ({
  ref,
  action: 'job',
  replicaSets: [],
  pods: [],
  services: [],
  claims: [],
  names: { missing: [], lost: [] },
  eventsOf: (object) => spoken.get(object) ?? [],
  now: NOW,
  ...said,
})

/** A job with this pod. */
export const ofJob = (one: Pod | undefined, said: Partial<KubeSeen> = {}): KubeSeen => view({ job: job(), pods: one ? [one] : [], ...said })
/** A deployment with these pods, as many as wanted unless said. */
export const ofDeployment = (pods: readonly Pod[], said: Partial<KubeSeen> = {}): KubeSeen =>
  view({ action: 'deploy', deployment: deployment({ spec: { replicas: Math.max(1, pods.length) } }), pods, ...said })
export const ofService = (pods: readonly Pod[], said: Partial<KubeSeen> = {}): KubeSeen =>
  ofDeployment(pods, { action: 'serve', services: [service()], ...said })

export const stopped = { annotations: { [ANNOTATION.stopped]: ago(10) } }
export const deleted = (secondsAgo = -20): Partial<Metadata> => ({ deletionTimestamp: ago(secondsAgo) })
