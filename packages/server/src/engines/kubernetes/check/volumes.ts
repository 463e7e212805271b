import { posix } from 'node:path'
import type { Problem } from '#domain/engine.ts'
import type { Workload, WorkloadVolume } from '#domain/workload.ts'
import { parseImageName } from '#engines/image-name.ts'
import { fileName, objectName } from './rules.ts'

const ACCESS_MODES = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod']
const MOST_CONFIG_BYTES = 2 ** 20

type At = (field: string, message: string | undefined) => readonly Problem[]

/** Where it is mounted. */
function mountProblems({ mountPath, subPath }: WorkloadVolume, at: At): readonly Problem[] {
  const whole = posix.normalize(mountPath) === '/' || mountPath.split('/').includes('..')
  const outside = subPath !== undefined && (subPath.startsWith('/') || subPath.split('/').includes('..'))
  return [
    ...at('mount_path', whole ? `is ${mountPath}: a volume is mounted below /, on a path without ".."` : undefined),
    ...at('spec.sub_path', outside ? `is ${subPath}: it must be a path inside the volume, without "/" before it and without ".."` : undefined),
  ]
}

/** What it is made of. */
function sourceProblems({ type, claimName, existing, storageClass, accessMode, medium, sizeBytes, image }: WorkloadVolume, at: At): readonly Problem[] {
  const claim = type === 'persistent_volume_claim' || type === 'ephemeral'
  const badImage = type === 'image' ? parseImageName(image ?? '') : undefined
  return [
    ...at(type === 'config_map' ? 'spec.config_map_name' : 'spec.claim_name', existing && claimName !== undefined ? objectName(claimName) : undefined),
    ...at('spec.storage_class', claim && storageClass !== undefined && storageClass !== '' ? objectName(storageClass) : undefined),
    ...at(
      'spec.access_mode',
      accessMode !== undefined && claim && !ACCESS_MODES.includes(accessMode) ? `is ${accessMode}: it must be one of ${ACCESS_MODES.join(', ')}` : undefined,
    ),
    ...at(
      'spec.medium',
      type === 'empty_dir' && medium !== undefined && medium !== '' && medium !== 'Memory' ? `is ${medium}: it must be Memory, or not given` : undefined,
    ),
    ...at('spec.size', claim && sizeBytes === 0 ? 'is 0: a claim has at least one byte' : undefined),
    ...at('spec.image', typeof badImage === 'string' ? badImage : undefined),
  ]
}

const filesOf = ({ type, items, secretName }: WorkloadVolume, at: At): readonly Problem[] => [
  ...Object.keys(items).flatMap((name) => at(`spec.items.${name}`, fileName(name))),
  ...at('spec.secret_name', type === 'secret' && secretName !== undefined ? fileName(secretName) : undefined),
]

/** Two volumes on one path, however it is spelt, or of one name. */
function twice(volumes: readonly WorkloadVolume[]): readonly Problem[] {
  const paths = volumes.map(({ mountPath }) => posix.normalize(`${mountPath}/`))
  const names = volumes.map(({ name }) => name)
  return volumes.flatMap(({ name, mountPath }, index) => [
    ...(names.indexOf(name) < index ? [{ path: `spec.volumes.${index}.name`, message: `is given twice: ${name}` }] : []),
    ...(paths.indexOf(paths[index] ?? '') < index ? [{ path: `spec.volumes.${index}.mount_path`, message: `is given twice: ${mountPath}` }] : []),
  ])
}

export function volumeProblems({ volumes }: Workload): readonly Problem[] {
  const configBytes = volumes.flatMap(({ items }) => Object.values(items)).reduce((sum, value) => sum + Buffer.byteLength(value), 0)
  return [
    ...volumes.flatMap((volume, index) => {
      const at: At = (field, message) => (message === undefined ? [] : [{ path: `spec.volumes.${index}.${field}`, message }])
      return [...mountProblems(volume, at), ...sourceProblems(volume, at), ...filesOf(volume, at)]
    }),
    ...twice(volumes),
    ...(configBytes > MOST_CONFIG_BYTES
      ? [{ path: 'spec.volumes', message: 'hold more than 1 MiB of files (config_map) in all; put them into an image or a claim' }]
      : []),
  ]
}
