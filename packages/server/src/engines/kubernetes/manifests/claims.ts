import type { Workload, WorkloadVolume } from '#domain/workload.ts'
import type { ClaimManifest, ClaimSpec, ManifestDefaults, ManifestOptions } from './manifest.ts'
import { runMetadataOf } from './metadata.ts'
import { claimName } from './names.ts'
import { whole } from './quantities.ts'

/** Bytes of a volume whose user named no size: a claim needs one. */
const DEFAULT_CLAIM_BYTES = 2 * 2 ** 30

export function claimSpec(
  { accessMode = 'ReadWriteOnce', storageClass, sizeBytes = DEFAULT_CLAIM_BYTES }: WorkloadVolume,
  defaults: ManifestDefaults,
): ClaimSpec {
  const storageClassName = storageClass ?? defaults.storageClass
  return {
    accessModes: [accessMode],
    ...(storageClassName !== undefined && { storageClassName }),
    resources: { requests: { storage: whole(sizeBytes) } },
  }
}

/** The claims that a run's volumes are made of. They belong to no attempt and stay until the run is deleted. */
export const claimManifests = (workload: Workload, options: ManifestOptions): readonly ClaimManifest[] =>
  workload.volumes
    .filter(({ type, existing }) => type === 'persistent_volume_claim' && !existing)
    .map((volume) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: runMetadataOf(workload, options, claimName(workload, volume)),
      spec: claimSpec(volume, options.defaults),
    }))
