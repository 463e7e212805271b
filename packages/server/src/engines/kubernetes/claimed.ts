import type { Refusal, WorkloadRef } from '#domain/engine.ts'
import type { Workload, WorkloadVolume } from '#domain/workload.ts'
import { isKubeError } from './client/kube-error.ts'
import type { Cluster, KubeClient } from './cluster.ts'
import { LABEL, labelValue, refOfObject } from './labels.ts'
import type { Manifests } from './manifests/manifests-for.ts'
import { ALIAS_OF } from './manifests/services.ts'
import type { KubeObject } from './objects.ts'
import { objectPath, type WrittenKind } from './write.ts'

interface Wanted extends Pick<Manifests, 'dependents'> {
  readonly signal: AbortSignal
}

/** What stands under a name, whosever it is. */
const standing = (client: KubeClient, path: string, signal: AbortSignal): Promise<KubeObject | undefined> =>
  client.request<KubeObject>({ method: 'GET', path, signal }).catch((error: unknown) => {
    if (isKubeError(error, 404)) return undefined
    throw error
  })

/** The workload that an object belongs to, if this installation made it. */
const ownerOf = ({ metadata }: KubeObject, like: KubeObject): WorkloadRef | undefined =>
  metadata.labels?.[LABEL.installation] === like.metadata.labels?.[LABEL.installation] ? refOfObject(metadata.annotations, undefined) : undefined

/**
 * Whose Service holds a name that this workload wants. A name that several may claim is given up by runs of the same project only;
 * a run's own never is. What others made is not in the cache, so of those names the cluster itself is asked.
 */
export async function takenName({ client, cache }: Cluster, { project, runId }: Workload, { dependents, signal }: Wanted): Promise<Refusal | undefined> {
  for (const wanted of dependents.filter(({ kind }) => kind === 'Service')) {
    const { name, namespace, annotations } = wanted.metadata
    const shared = annotations?.[ALIAS_OF] !== undefined
    const found = cache.kept.services.get(namespace, name) ?? (shared ? await standing(client, objectPath('Service', namespace, name), signal) : undefined)
    if (!found) continue
    const owner = ownerOf(found, wanted)
    if (owner?.project === project && (owner.runId === runId || found.metadata.annotations?.[ALIAS_OF] !== undefined)) continue
    const whose = owner?.project === project ? `run ${owner.runId}` : owner ? `project ${owner.project}` : 'somebody else'
    return { code: 'service-name-taken', evidence: [`service ${name} in namespace ${namespace} belongs to ${whose}`] }
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
    const found = await standing(client, objectPath(kind, namespace, claimName), signal)
    const owner = found?.metadata.labels?.[LABEL.project]
    if (owner !== undefined && owner !== labelValue(project))
      return {
        code: 'admission-refused',
        evidence: [`${kind} ${claimName} in namespace ${namespace} belongs to project ${owner}, and volume ${name} asks for it`],
      }
  }
  return undefined
}
