import { type Engine, type EngineCapabilities, NO_CAPABILITIES, type WorkloadRef } from '#domain/engine.ts'
import { oneAtATime } from '../mailbox.ts'
import { applier } from './apply.ts'
import { dockerClient, type Endpoint, isLocal, wordsOf } from './client.ts'
import { containers } from './containers.ts'
import { flavors, flavorText } from './flavor.ts'
import { runHints } from './hints.ts'
import { refOf } from './labels.ts'
import { containerLog } from './logs.ts'
import { networks } from './network.ts'
import { observer } from './observer.ts'
import { pulls } from './pull.ts'
import { remover } from './remove.ts'
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

const CAN: EngineCapabilities = { ...NO_CAPABILITIES, gpu: true }

/** Everything the adapter is made of, put together. */
function parts({
  endpoint,
  installation,
  publishHost = '127.0.0.1',
  nodePortHost = publishHost,
  log = () => undefined,
  now = Date.now,
  random = Math.random,
}: DockerEngineOptions) {
  const client = dockerClient(endpoint)
  const closed = new AbortController()
  const own = containers(client, installation)
  const flavor = flavors(client)
  const images = pulls(client, log)
  const network = networks({ client, containers: own, installation, now })
  const volumes = volumeStore(client, installation)
  const starting = starter({
    client,
    containers: own,
    installation,
    flavor: flavor.get,
    choice: { publishHost, nodePortHost, local: isLocal(endpoint), random },
  })
  const base = { client, containers: own, flavor: flavor.get, log, now }
  const restarts = supervisor(base, closed.signal)
  const list = async (): Promise<readonly WorkloadRef[]> => {
    const refs = (await own.all()).map(({ Labels }) => refOf(Labels)).filter((ref) => ref !== undefined)
    return [...new Map(refs.map((ref) => [ref.name, ref])).values()]
  }
  return {
    client,
    own,
    flavor,
    network,
    restarts,
    list,
    apply: applier({ ...base, images, network, volumes, starter: starting }),
    observe: observer({ ...base, restarts, engineHost: 'host' in endpoint ? endpoint.host : '127.0.0.1' }),
    stop: stopper({ ...base, restarts }),
    remove: remover({ containers: own, starter: starting, volumes, images }),
    hints: (signal: AbortSignal) => runHints({ client, installation, log, list, images, closed: closed.signal }, signal),
    close: () => {
      closed.abort()
      images.close()
      client.close()
    },
  }
}

/** Docker (≥ 20.10) and Podman (≥ 4.3). Makes no call before it is asked something, so the engine may be down when this is made. */
export function dockerEngine(options: DockerEngineOptions): Engine {
  const { client, own, flavor, network, restarts, list, apply, observe, stop, remove, hints, close } = parts(options)
  const exclusive = oneAtATime()
  return {
    name: 'docker',
    can: CAN,
    replaces: false,
    lookMs: 30_000,
    check: () => [],
    apply: (workload, secrets, signal) => {
      restarts.wake()
      return exclusive(workload.name, () => apply(workload, secrets, signal))
    },
    observe,
    stop: (ref, graceSeconds) => exclusive(ref.name, () => stop(ref, graceSeconds)),
    remove: (ref, removal) => exclusive(ref.name, () => remove(ref, removal)),
    async *logs(ref, container, { follow, signal }) {
      const { kind, rootDir } = await flavor.get()
      yield* containerLog({ client, kind, rootDir, name: container, look: () => own.named(ref, container), follow, signal })
    },
    list,
    tidy: network.tidy,
    hints: (signal) => {
      restarts.wake()
      return hints(signal)
    },
    async health() {
      try {
        const found = await flavor.refresh()
        return { healthy: true, version: found.version, detail: flavorText(found, client) }
      } catch (error) {
        return { healthy: false, version: undefined, detail: wordsOf(error) }
      }
    },
    close: async () => close(),
  }
}
