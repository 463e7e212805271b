import type { Refusal } from '#domain/engine.ts'
import type { Workload, WorkloadVolume } from '#domain/workload.ts'
import { isKubeError } from './client/kube-error.ts'
import type { Cluster } from './cluster.ts'
import { LABEL, labelValue, refOfObject } from './labels.ts'
import type { Manifests } from './manifests/manifests-for.ts'
import { ALIAS_OF } from './manifests/services.ts'
import type { KubeObject } from './objects.ts'
import { objectPath, type WrittenKind } from './write.ts'

/** Whose Service holds a name that this workload wants. A name that several may claim is given up by runs of the same project only; a run's own never is. */
export function takenName({ cache }: Cluster, { project, runId }: Workload, { dependents }: Manifests): Refusal | undefined {
  for (const { kind, metadata } of dependents) {
    const found = kind === 'Service' ? cache.kept.services.get(metadata.namespace ?? '', metadata.name) : undefined
    if (!found) continue
    const owner = refOfObject(found.metadata.annotations, undefined)
    if (owner?.project === project && (owner.runId === runId || found.metadata.annotations?.[ALIAS_OF] !== undefined)) continue
    const whose = owner?.project === project ? `run ${owner.runId}` : (owner?.project ?? 'somebody else')
    return { code: 'service-name-taken', evidence: [`service ${metadata.name} in namespace ${metadata.namespace} belongs to ${whose}`] }
  }
  return undefined
}

const KIND_OF: Partial<Record<WorkloadVolume['type'], WrittenKind>> = {
  persistent_volume_claim: 'PersistentVolumeClaim',
  shared_volume: 'PersistentVolumeClaim',
  config_map: 'ConfigMap',
}

/**
 * Where several projects share a namespace: what one of them owns, by its label, no other may mount. Undefined: nothing is amiss.
 * What does not exist is not judged: its run waits for it.
 */
export async function foreignVolume({ client, namespaceOf }: Cluster, { project, volumes }: Workload, signal: AbortSignal): Promise<Refusal | undefined> {
  const namespace = namespaceOf(project)
  for (const { type, name, claimName = name, existing } of volumes) {
    const kind = existing ? KIND_OF[type] : undefined
    if (kind === undefined) continue
    const found = await client.request<KubeObject>({ method: 'GET', path: objectPath(kind, namespace, claimName), signal }).catch((error: unknown) => {
      if (isKubeError(error, 404)) return undefined
      throw error
    })
    const owner = found?.metadata.labels?.[LABEL.project]
    if (owner !== undefined && owner !== labelValue(project))
      return { code: 'admission-refused', evidence: [`${kind} ${claimName} in namespace ${namespace} belongs to project ${owner}, and volume ${name} asks for it`] }
  }
  return undefined
}
