import type { WorkloadRef } from '#domain/engine.ts'
import type { Secrets, Workload } from '#domain/workload.ts'
import * as z from 'zod'
import { type DockerClient, orMissing } from './client.ts'
import { hasLabels, LABEL, type Labels, labelFilter } from './labels.ts'
import { volumePlan } from './volumes.ts'

const Volumes = z.looseObject({ Volumes: z.array(z.looseObject({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullish() })).nullish() })

export interface NamedVolume {
  readonly name: string
  /** Where it is mounted. */
  readonly path: string
}

/** Volumes with a name: made before the containers that mount them, removed when their life is over. */
export function volumeStore(client: DockerClient, installation: string) {
  const { docker, within } = client
  const exists = async (name: string): Promise<boolean> =>
    (await orMissing(within('read', (abortSignal) => docker.getVolume(name).inspect({ abortSignal })))) !== undefined
  const remove = (name: string): Promise<unknown> => orMissing(within('change', (abortSignal) => docker.getVolume(name).remove({ abortSignal })))
  const list = async (more: Labels): Promise<readonly string[]> => {
    const wanted = { [LABEL.installation]: installation, ...more }
    const filters = JSON.stringify(labelFilter(wanted))
    const { Volumes: found } = Volumes.parse(await within('read', (abortSignal) => docker.listVolumes({ filters, abortSignal })))
    return (found ?? []).filter((volume) => hasLabels(volume.Labels, wanted)).map(({ Name }) => Name)
  }
  return {
    /** Makes the named volumes of a workload exist; those that did not before. */
    async ensure(workload: Workload, secrets: Secrets): Promise<readonly NamedVolume[]> {
      const fresh: NamedVolume[] = []
      for (const { name, labels, path } of volumePlan({ installation, workload, secrets }).named) {
        if (await exists(name)) continue
        await within('change', (abortSignal) => docker.createVolume({ Name: name, Labels: { ...labels }, abortSignal }))
        fresh.push({ name, path })
      }
      return fresh
    },
    async discard(volumes: readonly NamedVolume[]): Promise<void> {
      for (const { name } of volumes) await remove(name)
    },
    /** Removes what an attempt left, and with `run` what its run kept between attempts. Shared volumes are nobody's to remove here. */
    async removeOf(ref: WorkloadRef, { run }: { readonly run: boolean }): Promise<void> {
      const names = await list({ [LABEL.workload]: ref.name })
      const kept = run ? await list({ [LABEL.run]: ref.runId, [LABEL.volume]: 'run' }) : []
      for (const name of [...names, ...kept]) await remove(name)
    },
  }
}
export type VolumeStore = ReturnType<typeof volumeStore>
