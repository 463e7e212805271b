import type { Refusal } from '#domain/engine.ts'
import type { Secrets, Workload } from '#domain/workload.ts'
import { type DockerClient, orMissing, statusOf, wordsOf } from './client.ts'
import { commandCheck } from './command.ts'
import type { Containers } from './containers.ts'
import { createOptions, wantsInit } from './create.ts'
import { fileArchive } from './files.ts'
import type { Flavor } from './flavor.ts'
import type { ImageFacts } from './image.ts'
import { chooseHostPorts, type PortChoice } from './ports.ts'
import { startRefusal } from './refusal.ts'
import { volumePlan } from './volumes.ts'
import { withdraw } from './withdraw.ts'

/** One replica to bring to life, and who may still do so. */
export interface Starting {
  readonly workload: Workload
  readonly secrets: Secrets
  readonly replica: number
  readonly image: ImageFacts
  readonly flavor: Flavor
  readonly signal: AbortSignal
  /** Where volumes are mounted that are new: whoever the container runs as may write there. */
  readonly fresh: readonly string[]
}

/** `again`: another try may do (a port that somebody else took first, an engine without an init). */
export type Started = { readonly id: string } | { readonly refused: Refusal } | { readonly again: Refusal }

const INIT_MISSING = /docker-init|catatonit|container-init|init binary/i

export interface StarterDeps {
  readonly client: DockerClient
  readonly containers: Containers
  readonly installation: string
  readonly choice: PortChoice
  readonly flavor: () => Promise<Flavor>
}

/** Creates and starts single containers. A refusal leaves no container behind. */
export function starter({ client, containers, installation, choice, flavor }: StarterDeps) {
  const { docker, within } = client
  const check = commandCheck(client)
  let engineHasInit = true

  const discard = async (id: string): Promise<void> => {
    const container = docker.getContainer(id)
    // Podman's forced removal first waits for a polite end; what is removed has had its time for that.
    if ((await flavor()).kind === 'podman') await within('change', (abortSignal) => container.kill({ abortSignal })).catch(() => undefined)
    await orMissing(within('change', (abortSignal) => container.remove({ force: true, v: true, abortSignal })))
  }

  async function create(starting: Starting): Promise<string> {
    const { workload, replica, image } = starting
    const hostPorts = await chooseHostPorts(workload, replica, choice)
    const init = engineHasInit && wantsInit(workload, image)
    const options = createOptions({ ...starting, installation, init, hostPorts })
    return (await within('change', (abortSignal) => docker.createContainer({ ...options, abortSignal }))).id
  }

  /** Files, the look at the command, then the start. */
  async function start(id: string, { workload, secrets, image, signal, fresh }: Starting): Promise<Refusal | undefined> {
    const files = [...fresh.map((path) => ({ path, mode: 0o777 })), ...volumePlan({ installation, workload, secrets }).files]
    if (files.length > 0) {
      const archive = await fileArchive(files)
      await within('change', (abortSignal) => docker.getContainer(id).putArchive(archive, { path: '/', abortSignal }))
    }
    const refused = await check(id, workload, image)
    signal.throwIfAborted()
    if (refused) return refused
    await within('start', (abortSignal) => docker.getContainer(id).start({ abortSignal }))
    return undefined
  }

  async function afterFailure(id: string | undefined, error: unknown, { workload, replica, signal }: Starting): Promise<Started> {
    if (statusOf(error) === undefined || signal.aborted) throw error
    if (engineHasInit && INIT_MISSING.test(wordsOf(error))) {
      engineHasInit = false
      if (id !== undefined) await discard(id)
      return { again: { code: 'config-refused', evidence: [wordsOf(error)] } }
    }
    const refused = startRefusal(error)
    if (id !== undefined && (refused || statusOf(error) === 404)) await discard(id)
    if (!refused) throw error
    const portIsOurs = replica > 0 || workload.ports.some(({ nodePort }) => nodePort === undefined)
    return refused.code === 'node-port-taken' && portIsOurs ? { again: refused } : { refused }
  }

  return {
    discard,
    withdraw: (id: string) => withdraw(id, { client, containers }),
    /** Creates a container and starts it. */
    async bringUp(starting: Starting): Promise<Started> {
      starting.signal.throwIfAborted()
      let id: string | undefined
      try {
        id = await create(starting)
        const refused = await start(id, starting)
        if (!refused) return { id }
        await discard(id)
        return { refused }
      } catch (error) {
        return afterFailure(id, error, starting)
      }
    },
  }
}
export type Starter = ReturnType<typeof starter>
