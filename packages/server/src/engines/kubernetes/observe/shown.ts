import type { Condition, ContainerState, ContainerStatus, Job, Deployment, KubeObject, Pod, Service } from '../objects.ts'
import { ownService } from './ports.ts'
import { isStopped, type KubeSeen } from './seen.ts'

/** A status is written at every change, and read in lists: it holds no more than people look at. */
const MOST = { pods: 20, conditions: 12, text: 300 } as const

const cut = (text: string): string => (text.length > MOST.text ? `${text.slice(0, MOST.text - 1)}…` : text)

/** Without what changes at every look, such as resource versions, and without annotations, which may hold anything. */
const headOf = ({ apiVersion, kind, metadata: { name, namespace, uid, creationTimestamp, labels } }: KubeObject): Record<string, unknown> => ({
  apiVersion,
  kind,
  metadata: { name, namespace, uid, creationTimestamp, labels },
})

const conditionsOf = (conditions: readonly Condition[] | undefined): Record<string, unknown>[] =>
  (conditions ?? []).slice(0, MOST.conditions).map(({ type, status, lastTransitionTime, reason, message }) => ({
    type,
    status,
    ...(lastTransitionTime && { lastTransitionTime }),
    ...(reason && { reason }),
    ...(message && { message: cut(message) }),
  }))

const jobShown = (job: Job): Record<string, unknown> => {
  const { active, succeeded, failed, startTime, completionTime, conditions } = job.status ?? {}
  return { ...headOf(job), status: { active, succeeded, failed, startTime, completionTime, conditions: conditionsOf(conditions) } }
}

const deploymentShown = (deployment: Deployment): Record<string, unknown> => {
  const { replicas, readyReplicas, availableReplicas, updatedReplicas, conditions } = deployment.status ?? {}
  return {
    ...headOf(deployment),
    spec: { replicas: deployment.spec?.replicas },
    status: { replicas, readyReplicas, availableReplicas, updatedReplicas, conditions: conditionsOf(conditions) },
  }
}

const serviceShown = (service: Service): Record<string, unknown> => {
  const { type, clusterIP, ports, selector } = service.spec ?? {}
  return { ...headOf(service), spec: { type, clusterIP, ports, selector }, status: { loadBalancer: service.status?.loadBalancer ?? {} } }
}

/** A container's state in the words that official clients show. Its termination message is the process's own text, and stays out. */
function stateText({ running, terminated, waiting }: ContainerState): string {
  if (running) return `running since ${running.startedAt ?? 'unknown'}`
  if (terminated) return `terminated at ${terminated.finishedAt ?? 'unknown'} exitCode: ${terminated.exitCode} reason: ${terminated.reason ?? 'unknown'}`
  return `waiting${waiting?.reason ? ` reason: ${waiting.reason}` : ''}`
}

const containerShown = ({ name, ready, restartCount, image, state = {} }: ContainerStatus): Record<string, unknown> => ({
  name,
  ready: ready ?? false,
  restartCount: restartCount ?? 0,
  image,
  state: stateText(state),
})

const podShown = ({ metadata, status = {}, spec }: Pod): Record<string, unknown> => ({
  name: metadata.name,
  namespace: metadata.namespace,
  phase: status.phase ?? 'Pending',
  ...(spec?.nodeName && { node: spec.nodeName }),
  ...(status.startTime && { startTime: status.startTime }),
  ...(status.reason && { reason: status.reason }),
  ...(status.message && { message: cut(status.message) }),
  conditions: conditionsOf(status.conditions),
  containers: (status.containerStatuses ?? []).map(containerShown),
})

/** Leaves out what is not there, so that equal things are written equally. */
const plain = (value: object): Record<string, unknown> => JSON.parse(JSON.stringify(value))

/** The cluster's own objects as official clients and the console read them: `k8s` by kind, `pods` as a list. */
export function objectsOf(seen: KubeSeen, pods: readonly Pod[]): { readonly k8s: Record<string, unknown>; readonly pods: Record<string, unknown>[] } {
  const { job, deployment, services } = seen
  const service = ownService(seen)
  const more = services.filter((one) => one !== service).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  return {
    k8s: plain({
      ...(job && { job: jobShown(job) }),
      ...(deployment && !isStopped(deployment) && { deployment: deploymentShown(deployment) }),
      ...(service && { service: serviceShown(service) }),
      ...(service && more.length > 0 && { services: [service, ...more].map(serviceShown) }),
    }),
    pods: pods.slice(0, MOST.pods).map((pod) => plain(podShown(pod))),
  }
}
