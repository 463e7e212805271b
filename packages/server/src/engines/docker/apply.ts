import type { Applied, Refusal } from '#domain/engine.ts'
import type { Secrets, Workload } from '#domain/workload.ts'
import { type ImageName, parseImageName } from '../image-name.ts'
import { type DockerClient, statusOf } from './client.ts'
import type { Containers } from './containers.ts'
import type { Flavor } from './flavor.ts'
import { findImage, type ImageFacts } from './image.ts'
import type { ContainerRow } from './inspect.ts'
import { LABEL } from './labels.ts'
import type { networks } from './network.ts'
import { lifeOf } from './observe.ts'
import type { pulls } from './pull.ts'
import type { Starter } from './start.ts'
import type { VolumeStore } from './volume-store.ts'
import { volumeRefusal } from './volumes.ts'

export interface ApplyDeps {
  readonly client: DockerClient
  readonly containers: Containers
  readonly images: ReturnType<typeof pulls>
  readonly network: ReturnType<typeof networks>
  readonly volumes: VolumeStore
  readonly starter: Starter
  readonly flavor: () => Promise<Flavor>
}

/** How often another port is tried when the chosen one was taken in the meantime. */
const PORT_TRIES = 8

/** What can be refused without asking the engine. */
export function preflight(workload: Workload, secrets: Secrets): ImageName | Refusal {
  const name = parseImageName(workload.image)
  if (typeof name === 'string') return { code: 'image-bad-name', evidence: [name] }
  const volumeSecrets = workload.volumes.flatMap(({ type, secretName, name: own }) => (type === 'secret' ? [secretName ?? own] : []))
  const missing = [...workload.secretNames, ...volumeSecrets].find((secret) => secrets[secret] === undefined)
  if (missing !== undefined) return { code: 'secret-missing', evidence: [`the project has no secret "${missing}"`] }
  return volumeRefusal(workload.volumes) ?? name
}

const replicaOf = ({ Labels }: ContainerRow): number => Number(Labels[LABEL.replica])

/** Brings a workload to life: one pass, each step idempotent, so that a pass that was cut short is simply repeated. */
export function applier(deps: ApplyDeps) {
  const { client, containers, images, network, volumes, starter } = deps

  /** The image, or what to answer while it is not there. */
  async function imageFor(workload: Workload, name: ImageName): Promise<ImageFacts | Applied> {
    const progress = images.progress(workload)
    if (progress !== undefined) return { done: false, phase: 'pulling', detail: progress }
    const outcome = images.outcome(workload.name)
    if (outcome && !('pulled' in outcome)) {
      images.forget(workload.name) // said once; the next apply tries again
      if ('refused' in outcome) return { refused: outcome.refused }
      throw new Error('the engine went away while it fetched the image', { cause: outcome.broken })
    }
    const present = workload.pullPolicy === 'Always' && !outcome ? undefined : await findImage(client, workload.image)
    if (present) return present
    if (workload.pullPolicy === 'Never')
      return { refused: { code: 'image-not-found', evidence: [`the engine has no image ${workload.image}, and the pull policy is Never`] } }
    return { done: false, phase: 'pulling', detail: images.ask(workload, name) }
  }

  /** Starts every replica that is missing or was created and never started. Undefined: all stand. */
  async function startAll(workload: Workload, existing: readonly ContainerRow[], starting: Omit<Parameters<Starter['bringUp']>[0], 'replica'>): Promise<Refusal | undefined> {
    const made: string[] = []
    for (let replica = 0; replica < workload.replicas; replica++) {
      const row = existing.find((one) => replicaOf(one) === replica)
      if (row && lifeOf(row.State) !== 'unstarted') continue
      const refused = await startOne({ ...starting, replica }, row?.Id, made)
      if (!refused) continue
      for (const id of made) await starter.discard(id)
      return refused
    }
    return undefined
  }

  async function startOne(starting: Parameters<Starter['bringUp']>[0], existing: string | undefined, made: string[]): Promise<Refusal | undefined> {
    let id = existing
    for (let attempt = 1; ; attempt++) {
      const started = await starter.bringUp(starting, id)
      if ('id' in started) {
        made.push(started.id)
        return undefined
      }
      if ('refused' in started) return started.refused
      if (attempt === PORT_TRIES) return started.again
      id = undefined
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
      const image = await imageFor(workload, name)
      if (!('entrypoint' in image)) return image
      const flavor = await deps.flavor()
      signal.throwIfAborted()
      await network.ensure(workload.project)
      const fresh = await volumes.ensure(workload, secrets)
      try {
        const refused = await startAll(workload, existing, { workload, secrets, image, flavor, signal, fresh: fresh.map(({ path }) => path) })
        if (refused) {
          await volumes.discard(fresh)
          return { refused }
        }
      } catch (error) {
        if (statusOf(error) === 409 && (await isForeign(workload, existing))) return { refused: { code: 'config-refused', evidence: [`a container named like ${workload.name} exists, and it is not ours`] } }
        throw error
      }
      images.forget(workload.name)
    }
    const now = await containers.ofWorkload(workload)
    const first = now.find((row) => replicaOf(row) === 0) ?? now[0]
    if (!first) throw new Error(`the containers of ${workload.name} are gone right after their start`)
    return { done: true, uid: first.Id }
  }

  /** After a name conflict: no new container of ours appeared, so the name is somebody else's. */
  async function isForeign(workload: Workload, before: readonly ContainerRow[]): Promise<boolean> {
    return (await containers.ofWorkload(workload)).length === before.length
  }
}
