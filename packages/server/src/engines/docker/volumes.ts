import { posix } from 'node:path'
import type { Refusal } from '#domain/engine.ts'
import type { Secrets, Workload, WorkloadVolume } from '#domain/workload.ts'
import type { FileEntry } from './files.ts'
import { type Labels, volumeLabels } from './labels.ts'
import { runVolumeName, sharedVolumeName } from './names.ts'

/** One mount of Docker's create call: a volume without a name, which goes with its container. */
export interface VolumeMount {
  readonly Type: 'volume'
  readonly Target: string
  readonly Source: ''
  readonly VolumeOptions: { readonly NoCopy: true; readonly Labels: Labels; readonly DriverConfig: { readonly Name: 'local'; readonly Options: Labels } }
}

/** What a container needs of volumes: mounts, volumes to have first, and files to write before the start. */
export interface VolumePlan {
  readonly mounts: readonly VolumeMount[]
  /** `name:/path:options`. */
  readonly binds: readonly string[]
  readonly tmpfs: Readonly<Record<string, string>>
  readonly named: readonly { readonly name: string; readonly labels: Labels; readonly path: string }[]
  readonly files: readonly FileEntry[]
}

interface Context {
  readonly installation: string
  readonly workload: Workload
  readonly secrets: Secrets
}

const NOTHING: VolumePlan = { mounts: [], binds: [], tmpfs: {}, named: [], files: [] }
const folder = (path: string): FileEntry => ({ path, mode: 0o777 })
const file = (path: string, name: string, text: string): FileEntry => ({ path: posix.join(path, name), mode: 0o644, text })

const mount = (target: string, labels: Labels): VolumeMount => ({
  Type: 'volume',
  Target: target,
  Source: '',
  VolumeOptions: { NoCopy: true, Labels: labels, DriverConfig: { Name: 'local', Options: {} } },
})

const named = (context: Context, volume: WorkloadVolume, life: 'run' | 'project'): VolumePlan => {
  const name = (life === 'run' ? runVolumeName : sharedVolumeName)(context.installation, context.workload, volume)
  const labels = volumeLabels(context.installation, context.workload, life)
  return { ...NOTHING, binds: [`${name}:${volume.mountPath}:nocopy`], named: [{ name, labels, path: volume.mountPath }] }
}

const volatile = (context: Context, { mountPath }: WorkloadVolume): VolumePlan => ({
  ...NOTHING,
  mounts: [mount(mountPath, volumeLabels(context.installation, context.workload, 'attempt'))],
  files: [folder(mountPath)],
})

const inMemory = ({ mountPath, sizeBytes }: WorkloadVolume): VolumePlan => ({
  ...NOTHING,
  tmpfs: { [mountPath]: ['rw', 'exec', 'nosuid', 'nodev', 'mode=1777', ...(sizeBytes === undefined ? [] : [`size=${Math.ceil(sizeBytes)}`])].join(',') },
})

/** Files go into the container's own layer: they end with it, and no second container can see them. */
const files = (entries: readonly FileEntry[], { mountPath }: WorkloadVolume): VolumePlan => ({
  ...NOTHING,
  files: entries.length > 0 ? entries : [{ path: mountPath, mode: 0o755 }],
})

/** One kind of volume, one line. */
const PLANS: Readonly<Record<Exclude<WorkloadVolume['type'], 'image'>, (context: Context, volume: WorkloadVolume) => VolumePlan>> = {
  empty_dir: (context, volume) => (volume.medium === 'Memory' ? inMemory(volume) : volatile(context, volume)),
  ephemeral: volatile,
  persistent_volume_claim: (context, volume) => named(context, volume, 'run'),
  shared_volume: (context, volume) => named(context, volume, 'project'),
  config_map: (_, volume) =>
    files(
      Object.entries(volume.items).map(([name, text]) => file(volume.mountPath, name, text)),
      volume,
    ),
  secret: ({ secrets }, volume) => {
    const { secretName = volume.name, mountPath } = volume
    return files([file(mountPath, secretName, secrets[secretName] ?? '')], volume)
  },
}

/** All volumes of a container. Those of type `image` were refused before. */
export function volumePlan(context: Context): VolumePlan {
  const plans = context.workload.volumes.map((volume) => (volume.type === 'image' ? NOTHING : PLANS[volume.type](context, volume)))
  return {
    mounts: plans.flatMap((plan) => plan.mounts),
    binds: plans.flatMap((plan) => plan.binds),
    tmpfs: Object.assign({}, ...plans.map((plan) => plan.tmpfs)),
    named: plans.flatMap((plan) => plan.named),
    files: plans.flatMap((plan) => plan.files),
  }
}

/** What of the volumes can never work here, before anything is made. */
export function volumeRefusal(volumes: readonly WorkloadVolume[]): Refusal | undefined {
  for (const { type, name, mountPath, items } of volumes) {
    if (type === 'image') return { code: 'config-refused', evidence: [`volume "${name}": this engine cannot mount an image as a volume`] }
    if (mountPath === '/' || mountPath.split('/').includes('..'))
      return { code: 'config-refused', evidence: [`volume "${name}" cannot be mounted at ${mountPath}`] }
    const bad = Object.keys(items).find((file) => file === '' || file === '.' || file === '..' || /[/\0]/.test(file))
    if (bad !== undefined) return { code: 'config-refused', evidence: [`volume "${name}": ${JSON.stringify(bad)} is not a file name`] }
  }
  return undefined
}
