import type { WorkloadRef } from '#domain/engine.ts'
import type { Cluster } from './cluster.ts'
import { ANNOTATION, LABEL, labelValue } from './labels.ts'
import type { Deployment, Job, KubeObject, Pod, ReplicaSet } from './objects.ts'
import type { Writer } from './write.ts'

export interface StopDeps {
  readonly cluster: Cluster
  readonly write: Writer
  readonly now: () => Date
}

/** The pods of a workload that the cluster knows. */
export const podsOf = ({ cache }: Cluster, { name, runId }: WorkloadRef): readonly Pod[] =>
  cache.kept.pods.of(labelValue(runId)).filter(({ metadata }) => metadata.labels?.[LABEL.workload] === labelValue(name))

const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

/**
 * A pod that is deleted takes its log and its exit code with it. One whose time is up is ended by its node in the same way
 * (SIGTERM, grace, SIGKILL), but stays readable until we have read it.
 */
const timeIsUp = { activeDeadlineSeconds: 1 } as const

interface Ending {
  /** Of the Deployment that they were made for. */
  readonly uid?: string | undefined
  readonly graceSeconds: number
}

const isAskedToEnd = ({ metadata, spec }: Pod): boolean =>
  spec?.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds <= 1 && metadata.annotations?.[ANNOTATION.stopped] !== undefined

/** How much later than asked a busy node may end a pod before it is deleted, and its log with it. */
const SLACK_MS = 5000

/** Nothing of it runs any more: its node says so before it says that the pod is over. */
const hasEnded = ({ status }: Pod): boolean => {
  const containers = status?.containerStatuses ?? []
  return containers.length > 0 && containers.every(({ state }) => state?.terminated !== undefined)
}

const place = ({ metadata }: KubeObject) => ({ namespace: metadata.namespace ?? '', name: metadata.name })

/** Ports on the nodes are free for another run as soon as this one is final, and not when somebody has cleaned up behind it. */
async function closePorts({ cluster, write }: Omit<StopDeps, 'now'>, { name, runId }: WorkloadRef): Promise<void> {
  for (const service of cluster.cache.kept.services.of(labelValue(runId))) {
    const onNodes = service.spec?.type === 'NodePort' || service.spec?.type === 'LoadBalancer'
    if (!onNodes || service.metadata.labels?.[LABEL.workload] !== labelValue(name)) continue
    await write.delete('Service', place(service), { uid: service.metadata.uid })
    cluster.cache.drop(service)
  }
}

export function stopper({ cluster, write, now }: StopDeps) {
  /** By the cluster's clock, as all that is compared with what its objects say. */
  const at = (): string => new Date(now().getTime() + cluster.client.aheadMs()).toISOString()

  const endPods = async (pods: readonly Pod[], { uid, graceSeconds }: Ending): Promise<void> => {
    for (const pod of pods.filter((one) => !isOver(one))) {
      const annotations = { [ANNOTATION.stopped]: pod.metadata.annotations?.[ANNOTATION.stopped] ?? at(), ...(uid && { [ANNOTATION.uid]: uid }) }
      // A node never hears of the deadline of a pod that it does not have.
      if (pod.spec?.nodeName === undefined) await write.delete('Pod', place(pod), { uid: pod.metadata.uid })
      else if (!isAskedToEnd(pod)) {
        const changed = await write.patch<Pod>('Pod', place(pod), { metadata: { annotations }, spec: timeIsUp })
        if (changed) cluster.cache.put(changed)
      }
      if ((pod.spec?.terminationGracePeriodSeconds ?? 30) > graceSeconds) sooner(pod, graceSeconds)
    }
  }

  /** The pod's own grace is longer than what is granted now: kill it then. Its log is lost if it makes use of it. */
  const sooner = (pod: Pod, graceSeconds: number): void => {
    setTimeout(
      () => {
        const current = cluster.cache.kept.pods.get(pod.metadata.namespace ?? '', pod.metadata.name)
        if (!current || current.metadata.uid !== pod.metadata.uid || isOver(current) || hasEnded(current)) return
        write.delete('Pod', place(pod), { uid: pod.metadata.uid, graceSeconds: 1 }).catch(() => undefined)
      },
      graceSeconds * 1000 + SLACK_MS,
    ).unref()
  }

  async function stopJob(job: Job, pods: readonly Pod[], graceSeconds: number): Promise<void> {
    const placed = pods.some(({ spec }) => spec?.nodeName !== undefined)
    const stopped = job.metadata.annotations?.[ANNOTATION.stopped] !== undefined
    if (!stopped || (!placed && !job.spec?.suspend)) {
      const changed = await write.patch<Job>('Job', place(job), {
        metadata: { annotations: { [ANNOTATION.stopped]: job.metadata.annotations?.[ANNOTATION.stopped] ?? at() } },
        // Nothing runs yet, and nothing shall.
        ...(!placed && { spec: { suspend: true } }),
      })
      if (changed) cluster.cache.put(changed)
    }
    if (placed) await endPods(pods, { graceSeconds })
  }

  /** Deletes an object without what it owns. The cache learns of it from the answer: its watch may be late. */
  async function leave(kind: 'Deployment' | 'ReplicaSet', object: Deployment | ReplicaSet): Promise<void> {
    if (object.metadata.deletionTimestamp !== undefined) return
    const answer = await write.delete(kind, place(object), { propagation: 'Orphan', uid: object.metadata.uid })
    if (answer?.kind === kind) cluster.cache.put(answer)
    else cluster.cache.drop(object)
  }

  /** The Deployment and its ReplicaSets go first and leave their pods alone, so that none is replaced. */
  async function stopDeployment(deployment: Deployment | undefined, ref: WorkloadRef, graceSeconds: number): Promise<void> {
    const sets = cluster.cache.kept.replicaSets.of(labelValue(ref.runId)).filter(({ metadata }) => metadata.labels?.[LABEL.workload] === labelValue(ref.name))
    if (deployment) await leave('Deployment', deployment)
    for (const set of sets) await leave('ReplicaSet', set)
    await endPods(podsOf(cluster, ref), { uid: deployment?.metadata.uid, graceSeconds })
  }

  return async (ref: WorkloadRef, graceSeconds: number): Promise<void> => {
    cluster.cache.assertFresh()
    const namespace = cluster.namespaceOf(ref.project)
    const job = cluster.cache.kept.jobs.get(namespace, ref.name)
    const pods = podsOf(cluster, ref)
    if (job) return stopJob(job, pods, graceSeconds)
    await stopDeployment(cluster.cache.kept.deployments.get(namespace, ref.name), ref, graceSeconds)
    await closePorts({ cluster, write }, ref)
  }
}
