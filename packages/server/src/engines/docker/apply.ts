import type { Applied, Refusal } from '#domain/engine.ts'
import type { Secrets, Workload } from '#domain/workload.ts'
import { type ImageName, parseImageName } from '../image-name.ts'
import { type DockerClient, statusOf } from './client.ts'
import type { Containers } from './containers.ts'
import type { Flavor } from './flavor.ts'
import { imageFor } from './image-for.ts'
import { containerName } from './names.ts'
import type { networks } from './network.ts'
import { lifeOf } from './observe.ts'
import type { Pulls } from './pull.ts'
import { replicaOf, startReplicas } from './replicas.ts'
import { startRefusal } from './refusal.ts'
import type { Starter } from './start.ts'
import type { VolumeStore } from './volume-store.ts'
import { volumeRefusal } from './volumes.ts'

export interface ApplyDeps {
  readonly client: DockerClient
  readonly containers: Containers
  readonly images: Pulls
  readonly network: ReturnType<typeof networks>
  readonly volumes: VolumeStore
  readonly starter: Starter
  readonly flavor: () => Promise<Flavor>
}

/** What can be refused without asking the engine. */
export function preflight(workload: Workload, secrets: Secrets): ImageName | Refusal {
  const name = parseImageName(workload.image)
  if (typeof name === 'string') return { code: 'image-bad-name', evidence: [name] }
  const volumeSecrets = workload.volumes.flatMap(({ type, secretName, name: own }) => (type === 'secret' ? [secretName ?? own] : []))
  const missing = [...workload.secretNames, ...volumeSecrets].find((secret) => secrets[secret] === undefined)
  if (missing !== undefined) return { code: 'secret-missing', evidence: [`the project has no secret "${missing}"`] }
  return volumeRefusal(workload.volumes) ?? name
}

/** Brings a workload to life: one pass, each step idempotent, so that a pass that was cut short is simply repeated. */
export function applier(deps: ApplyDeps) {
  const { containers, images, network, volumes, starter } = deps

  /** The network and the volumes that containers are made for. */
  async function surroundings(workload: Workload, secrets: Secrets): Promise<{ fresh: Awaited<ReturnType<VolumeStore['ensure']>> } | { refused: Refusal }> {
    try {
      await network.ensure(workload.project)
      return { fresh: await volumes.ensure(workload, secrets) }
    } catch (error) {
      const refused = startRefusal(error)
      if (!refused) throw error
      return { refused }
    }
  }

  return async (workload: Workload, secrets: Secrets, signal: AbortSignal): Promise<Applied> => {
    const name = preflight(workload, secrets)
    if ('code' in name) return { refused: name }
    signal.throwIfAborted()
    const existing = await containers.ofWorkload(workload)
    const standing = existing.filter(({ State }) => lifeOf(State) !== 'unstarted')
    if (standing.length < workload.replicas) {
      signal.throwIfAborted()
      const image = await imageFor(deps, workload, name)
      if (!('entrypoint' in image)) return image
      const flavor = await deps.flavor()
      signal.throwIfAborted()
      const around = await surroundings(workload, secrets)
      if ('refused' in around) return around
      const { fresh } = around
      try {
        const refused = await startReplicas(starter, existing, { workload, secrets, image, flavor, signal, fresh: fresh.map(({ path }) => path) })
        if (refused) {
          await volumes.discard(fresh)
          return { refused }
        }
      } catch (error) {
        if (statusOf(error) === 409 && (await isForeign(workload)))
          return { refused: { code: 'config-refused', evidence: [`a container named like ${workload.name} exists, and it is not ours`] } }
        throw error
      }
      images.forget(workload.name)
    }
    const now = await containers.ofWorkload(workload)
    const first = now.find((row) => replicaOf(row) === 0) ?? now[0]
    if (!first) throw new Error(`the containers of ${workload.name} are gone right after their start`)
    return { done: true, uid: first.Id }
  }

  /** After a name conflict: whose is the name? */
  async function isForeign(workload: Workload): Promise<boolean> {
    const names = Array.from({ length: workload.replicas }, (_, replica) => containerName(workload, replica))
    return (await Promise.all(names.map((name) => containers.isForeign(workload, name)))).includes(true)
  }
}
