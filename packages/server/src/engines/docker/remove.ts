import type { WorkloadRef } from '#domain/engine.ts'
import { wordsOf } from './client.ts'
import type { Containers } from './containers.ts'
import type { Pulls } from './pull.ts'
import type { Starter } from './start.ts'
import type { VolumeStore } from './volume-store.ts'

export interface RemoveDeps {
  readonly containers: Containers
  readonly starter: Starter
  readonly volumes: VolumeStore
  readonly images: Pulls
}

/** Removes an attempt: containers, then the volumes that no container holds any more. What is gone already is no failure. */
export const remover =
  ({ containers, starter, volumes, images }: RemoveDeps) =>
  async (ref: WorkloadRef, options: { readonly volumes: boolean }): Promise<void> => {
    images.forget(ref.name)
    for (const { Id } of await containers.ofWorkload(ref)) await starter.discard(Id).catch(ignoreRemoval)
    await volumes.removeOf(ref, { run: options.volumes })
  }

/** Somebody else removes it at this moment (409). */
const ignoreRemoval = (error: unknown): void => {
  if (!/removal of container .* is already in progress/i.test(wordsOf(error))) throw error
}
