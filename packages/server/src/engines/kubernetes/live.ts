import { isKubeError } from './client/kube-error.ts'
import type { Cluster } from './cluster.ts'
import { LABEL, labelValue } from './labels.ts'
import type { KubeObject } from './objects.ts'
import { holds, isDeleted, isLongRunning, isStopped, type KubeSeen, mainOf } from './observe/seen.ts'
import { collectionPath, objectPath, type WrittenKind } from './write.ts'

/** An object as the API server has it now, past the cache, which learns of it. Undefined: there is none. */
export async function readNow(
  { client, cache }: Cluster,
  kind: WrittenKind,
  { namespace, name }: { namespace: string; name: string },
): Promise<KubeObject | undefined> {
  try {
    const found = await client.request<KubeObject>({ method: 'GET', path: objectPath(kind, namespace, name) })
    cache.put(found)
    return found
  } catch (error) {
    if (isKubeError(error, 404)) return undefined
    throw error
  }
}

/** Why what is remembered of a cluster is no evidence; undefined: it is. */
export const unreadOf = ({ cache }: Pick<Cluster, 'cache'>): string | undefined => {
  try {
    cache.assertFresh()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const FINISHED = ['Complete', 'SuccessCriteriaMet', 'Failed', 'FailureTarget'] as const

/**
 * Whether a sight rests on what is not there: nothing at all, a finished Job without its pod, a pod taken away from a Job that wants
 * it, pods that nobody asked to end without their Deployment, a Deployment without a Service of its own. Each kind has a watch of its own,
 * and one may be behind another, or behind what another server made: that is no evidence.
 */
export function isDoubtful(seen: KubeSeen): boolean {
  const { job, pods, names } = seen
  if (names.missing.length > 0) return true
  if (pods.length === 0) return !mainOf(seen) || FINISHED.some((type) => holds(job?.status?.conditions, type) !== undefined)
  if (isLongRunning(seen)) return !mainOf(seen) && !pods.some(isStopped)
  return job?.spec?.suspend !== true && !isStopped(job) && job !== undefined && pods.some(isDeleted)
}

/** Reads what a workload consists of past the cache, which learns of it. */
export async function lookNow(cluster: Cluster, { ref: { name, project }, names }: Pick<KubeSeen, 'ref' | 'names'>): Promise<void> {
  const namespace = cluster.namespaceOf(project)
  const query = { labelSelector: `${LABEL.workload}=${labelValue(name)}` }
  const pods = cluster.client.request<{ readonly items?: readonly KubeObject[] | null }>({ method: 'GET', path: collectionPath('Pod', namespace), query })
  const services = names.missing.map((service) => readNow(cluster, 'Service', { namespace, name: service }))
  const [{ items }] = await Promise.all([pods, ...(['Job', 'Deployment'] as const).map((kind) => readNow(cluster, kind, { namespace, name })), ...services])
  for (const item of items ?? []) cluster.cache.put({ ...item, apiVersion: 'v1', kind: 'Pod' })
}
