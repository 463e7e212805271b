import type { Engine, EngineCapabilities, WorkloadRef } from '#domain/engine.ts'
import { mailbox, oneAtATime } from '../mailbox.ts'
import { applier } from './apply.ts'
import { dockerClient, type Endpoint, isLocal, wordsOf } from './client.ts'
import { containers } from './containers.ts'
import { followEvents } from './events.ts'
import { flavors, flavorText } from './flavor.ts'
import { refOf } from './labels.ts'
import { containerLog } from './logs.ts'
import { networks } from './network.ts'
import { observer } from './observer.ts'
import { pulls } from './pull.ts'
import { starter } from './start.ts'
import { stopper } from './stop.ts'
import { supervisor } from './supervisor.ts'
import { volumeStore } from './volume-store.ts'

export interface DockerEngineOptions {
  readonly endpoint: Endpoint
  /** Whose containers these are: one id for each data folder. Nothing without this label is ever touched. */
  readonly installation: string
  /** Address for ports of ClusterIP services. Default: 127.0.0.1. */
  readonly publishHost?: string
  /** Address for ports of NodePort and LoadBalancer services. Default: as `publishHost`. */
  readonly nodePortHost?: string
  readonly log?: (event: string, fields: object) => void
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly random?: () => number
}

const CAN: EngineCapabilities = {
  nodeSelector: false,
  affinity: false,
  tolerations: false,
  runtimeClass: false,
  priorityClass: false,
  fsGroup: false,
  gpu: true,
  volumeSize: false,
  profile: false,
}

/** Docker (≥ 20.10) and Podman (≥ 4.3). Makes no call before it is asked something, so the engine may be down when this is made. */
export function dockerEngine({ endpoint, installation, publishHost = '127.0.0.1', nodePortHost = publishHost, log = () => undefined, now = Date.now, random = Math.random }: DockerEngineOptions): Engine {
  const client = dockerClient(endpoint)
  const closed = new AbortController()
  const own = containers(client, installation)
  const flavor = flavors(client)
  const images = pulls(client, log)
  const network = networks({ client, installation, now })
  const volumes = volumeStore(client, installation)
  const starting = starter({ client, installation, choice: { publishHost, nodePortHost, local: isLocal(endpoint), random } })
  const exclusive = oneAtATime()
  const apply = applier({ client, containers: own, images, network, volumes, starter: starting, flavor: flavor.get })
  const restarts = supervisor({ client, containers: own, flavor: flavor.get, log, now }, closed.signal)
  const observe = observer({ client, containers: own, flavor: flavor.get, engineHost: isLocal(endpoint) || !('host' in endpoint) ? '127.0.0.1' : endpoint.host, now, restarts })
  const stop = stopper({ client, containers: own, restarts, log, now })

  const list = async (): Promise<readonly WorkloadRef[]> => {
    const refs = (await own.all()).map(({ Labels }) => refOf(Labels)).filter((ref) => ref !== undefined)
    return [...new Map(refs.map((ref) => [ref.name, ref])).values()]
  }

  async function remove(ref: WorkloadRef, options: { readonly volumes: boolean }): Promise<void> {
    images.forget(ref.name)
    for (const { Id } of await own.ofWorkload(ref)) await starting.discard(Id).catch(ignoreRemoval)
    await volumes.removeOf(ref, { run: options.volumes })
  }

  async function* hints(signal: AbortSignal): AsyncGenerator<string> {
    restarts.wake()
    const end = new AbortController()
    const until = AbortSignal.any([signal, closed.signal, end.signal])
    const box = mailbox<string>()
    const quiet = images.ended(box.put)
    const connected = async (): Promise<void> => {
      for (const { runId } of await list()) box.put(runId)
    }
    void followEvents({ client, installation, changed: box.put, connected, log }, until)
    try {
      yield* box.take(until)
    } finally {
      quiet()
      end.abort()
    }
  }

  return {
    name: 'docker',
    can: CAN,
    apply: (workload, secrets, signal) => exclusive(workload.name, () => apply(workload, secrets, signal)),
    observe,
    stop: (ref, graceSeconds) => exclusive(ref.name, () => stop(ref, graceSeconds)),
    remove: (ref, options) => exclusive(ref.name, () => remove(ref, options)),
    async *logs(ref, container, { follow, signal }) {
      const { kind, rootDir } = await flavor.get()
      yield* containerLog({ client, kind, rootDir, look: () => own.named(ref, container), follow, signal })
    },
    list,
    tidy: network.tidy,
    hints,
    async health() {
      try {
        const found = await flavor.refresh()
        return { healthy: true, version: found.version, detail: flavorText(found, client) }
      } catch (error) {
        return { healthy: false, version: undefined, detail: wordsOf(error) }
      }
    },
    close: async () => {
      closed.abort()
      images.close()
      client.close()
    },
  }
}

/** Somebody else removes it at this moment (409). */
const ignoreRemoval = (error: unknown): void => {
  if (!/removal of container .* is already in progress/i.test(wordsOf(error))) throw error
}
