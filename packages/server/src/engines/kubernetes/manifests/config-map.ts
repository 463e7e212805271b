import type { Workload, WorkloadVolume } from '#domain/workload.ts'
import type { ConfigMapManifest, KeyToPath, ManifestOptions } from './manifest.ts'
import { metadataOf } from './metadata.ts'
import { dataKey, volumeName } from './names.ts'

export const isInline = ({ type, existing }: WorkloadVolume): boolean => type === 'config_map' && !existing

/** The keys of one volume's files, apart from those of the attempt's other volumes. */
export const configItems = (volume: WorkloadVolume): readonly KeyToPath[] =>
  Object.keys(volume.items).map((path) => ({ key: dataKey(`${volumeName(volume.name)}.${path}`), path }))

/** The files that were written into the run itself, for all its volumes. Undefined: none. */
export function configMapManifest(workload: Workload, options: ManifestOptions): ConfigMapManifest | undefined {
  const volumes = workload.volumes.filter(isInline)
  if (volumes.length === 0) return undefined
  const data = volumes.flatMap((volume) => configItems(volume).map(({ key, path }) => [key, volume.items[path] ?? ''] as const))
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadataOf(workload, options), data: Object.fromEntries(data), immutable: true }
}
