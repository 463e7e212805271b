import type { Workload, WorkloadVolume } from '#domain/workload.ts'
import { claimSpec } from './claims.ts'
import { configItems } from './config-map.ts'
import type { ManifestOptions, VolumeMount, VolumeSource } from './manifest.ts'
import { labelsOf } from './metadata.ts'
import { claimName, dataKey, volumeName } from './names.ts'
import { whole } from './quantities.ts'

interface Context {
  readonly workload: Workload
  readonly volume: WorkloadVolume
  readonly options: ManifestOptions
}

/** Files of a secret belong to root: its group may read them where there is one, else everybody in the container, or an image with a user of its own could not. */
function secretMode({ runAsUser, fsGroup }: Workload): number {
  if (fsGroup !== undefined) return 0o440
  return runAsUser === 0 ? 0o400 : 0o444
}

const onClaim = (name: string): VolumeSource => ({ persistentVolumeClaim: { claimName: name } })

/** One kind of volume, one line. */
const SOURCES: Readonly<Record<WorkloadVolume['type'], (context: Context) => VolumeSource>> = {
  empty_dir: ({ volume: { medium, sizeBytes } }) => ({
    emptyDir: { ...(medium === 'Memory' && { medium }), ...(sizeBytes !== undefined && { sizeLimit: whole(sizeBytes) }) },
  }),
  ephemeral: ({ workload, volume, options }) => ({
    ephemeral: { volumeClaimTemplate: { metadata: { labels: labelsOf(workload, options) }, spec: claimSpec(volume, options.defaults) } },
  }),
  persistent_volume_claim: ({ workload, volume }) => onClaim(volume.existing ? (volume.claimName ?? volume.name) : claimName(workload, volume)),
  shared_volume: ({ volume }) => onClaim(volume.claimName ?? volume.name),
  config_map: ({ workload, volume }) => ({
    configMap: volume.existing
      ? { name: volume.claimName ?? volume.name, defaultMode: 0o644 }
      : { name: workload.name, items: configItems(volume), defaultMode: 0o644 },
  }),
  secret: ({ workload, volume: { secretName, name } }) => ({
    secret: {
      secretName: workload.name,
      items: [{ key: dataKey(secretName ?? name), path: secretName ?? name }],
      defaultMode: secretMode(workload),
    },
  }),
  image: ({ workload, volume: { image, name } }) => ({ image: { reference: image ?? name, pullPolicy: workload.pullPolicy } }),
}

export const podVolumes = (workload: Workload, options: ManifestOptions): readonly ({ readonly name: string } & VolumeSource)[] =>
  workload.volumes.map((volume) => ({ name: volumeName(volume.name), ...SOURCES[volume.type]({ workload, volume, options }) }))

export const volumeMounts = ({ volumes }: Pick<Workload, 'volumes'>): readonly VolumeMount[] =>
  volumes.map(({ type, name, mountPath, subPath, readOnly }) => ({
    name: volumeName(name),
    mountPath,
    ...(subPath !== undefined && { subPath }),
    ...((readOnly || type === 'image') && { readOnly: true }),
  }))
