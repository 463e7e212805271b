import type { WorkloadRef } from '#domain/engine.ts'
import type { Cluster } from './cluster.ts'
import { LABEL, labelValue } from './labels.ts'
import { podsOf } from './stop.ts'
import type { Writer } from './write.ts'

export interface RemoveDeps {
  readonly cluster: Cluster
  readonly write: Writer
}

/** What a workload may have besides its main object. The main object owns it; after a stop nobody does. */
const BESIDES = ['Secret', 'ConfigMap', 'Service'] as const

/** Takes everything of a workload away. Returns when the API server has it on record; pods that still run get their grace. */
export const remover =
  ({ cluster, write }: RemoveDeps) =>
  async (ref: WorkloadRef, { volumes }: { readonly volumes: boolean }): Promise<void> => {
    cluster.cache.assertFresh()
    const namespace = cluster.namespaceOf(ref.project)
    const { jobs, deployments, replicaSets, services, claims } = cluster.cache.kept
    const main = jobs.get(namespace, ref.name) ?? deployments.get(namespace, ref.name)
    const mine = ({ metadata }: { metadata: { labels?: Readonly<Record<string, string>> } }) => metadata.labels?.[LABEL.workload] === labelValue(ref.name)
    const pods = podsOf(cluster, ref)
    const sets = replicaSets.of(labelValue(ref.runId)).filter(mine)
    const place = { namespace, name: ref.name }
    const answer = main && (await write.delete(main.kind === 'Job' ? 'Job' : 'Deployment', place, { uid: main.metadata.uid }))
    if (main) cluster.cache.drop(main)
    // What is gone, or was told to leave its dependents when it was stopped, takes none along.
    const alone = answer === undefined || main?.metadata.deletionTimestamp !== undefined
    // Of Secrets and ConfigMaps no cache knows whether there are any.
    if (alone) for (const kind of BESIDES) await write.deleteAll(kind, namespace, `${LABEL.workload}=${labelValue(ref.name)}`)
    for (const set of sets) {
      if (alone) await write.delete('ReplicaSet', { namespace, name: set.metadata.name }, { uid: set.metadata.uid })
      cluster.cache.drop(set)
    }
    for (const pod of pods) {
      if (alone || !pod.metadata.ownerReferences?.length) await write.delete('Pod', { namespace, name: pod.metadata.name }, { uid: pod.metadata.uid })
      cluster.cache.drop(pod)
    }
    for (const service of services.of(labelValue(ref.runId)).filter(mine)) cluster.cache.drop(service)
    if (!volumes) return
    await write.deleteAll('PersistentVolumeClaim', namespace, `${LABEL.run}=${labelValue(ref.runId)}`)
    for (const claim of claims.of(labelValue(ref.runId))) cluster.cache.drop(claim)
  }
