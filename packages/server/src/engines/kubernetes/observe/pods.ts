import type { ContainerStatus, Pod } from '../objects.ts'
import { CONTAINER } from '../manifests/names.ts'
import { isDeleted, isLongRunning, isOver, isStopped, type KubeSeen, mainOf } from './seen.ts'

/** The status of our container; others may have been put beside it by the cluster. */
export const statusOf = ({ status }: Pod): ContainerStatus | undefined =>
  status?.containerStatuses?.find(({ name }) => name === CONTAINER) ?? status?.containerStatuses?.[0]

const inOrder = (pods: readonly Pod[]): readonly Pod[] => {
  const key = ({ metadata }: Pod) => `${metadata.creationTimestamp ?? ''} ${metadata.name}`
  return pods.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** The first filter that leaves something. */
const first = (pods: readonly Pod[], ...filters: readonly ((pod: Pod) => boolean)[]): readonly Pod[] => {
  for (const filter of filters) {
    const left = pods.filter(filter)
    if (left.length > 0) return left
  }
  return []
}

/**
 * The pods that stand for the workload's replicas, in an order that lasts. Of a job the one that decides. Of a Deployment those that
 * live: what ended or is being deleted was replaced already. Once the Deployment is gone, those that were asked to end count, ended too.
 */
export function replicasOf(seen: KubeSeen): readonly Pod[] {
  const pods = inOrder(seen.pods)
  if (!isLongRunning(seen))
    return (pods.find(({ status }) => status?.phase === 'Succeeded') ? pods.filter(({ status }) => status?.phase === 'Succeeded') : pods).slice(-1)
  if (mainOf(seen)) return pods.filter((pod) => !isOver(pod) && !isDeleted(pod))
  return first(
    pods,
    (pod) => isStopped(pod) || (!isOver(pod) && !isDeleted(pod)),
    (pod) => !isOver(pod),
    () => true,
  )
}
