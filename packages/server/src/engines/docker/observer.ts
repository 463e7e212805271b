import type { WorkloadRef } from '#domain/engine.ts'
import type { Observation } from '#domain/observation.ts'
import { type DockerClient, isLocal } from './client.ts'
import type { Containers } from './containers.ts'
import { pastExits } from './events.ts'
import type { Flavor } from './flavor.ts'
import type { ContainerInspect } from './inspect.ts'
import { portsOf } from './labels.ts'
import { withLateOom } from './late-oom.ts'
import { containerPorts } from './listening.ts'
import { lifeOf, observation, type Seen } from './observe.ts'
import type { Supervisor } from './supervisor.ts'

export interface ObserverDeps {
  readonly client: DockerClient
  readonly containers: Containers
  readonly flavor: () => Promise<Flavor>
  readonly engineHost: string
  readonly now: () => number
  readonly restarts: Supervisor
}

/** Gathers what an observation is made of. The engine's list is the proof of absence: a read that fails throws. */
export function observer({ client, containers, flavor, engineHost, now, restarts }: ObserverDeps) {
  async function past(inspect: ContainerInspect, podman: boolean): Promise<Pick<Seen, 'restarts' | 'lastExit'>> {
    if (inspect.RestartCount === 0 && !podman) return { restarts: 0, lastExit: undefined }
    const exits = await pastExits(client, inspect.Id, { podman, now: now() })
    // Docker counts restarts itself; where we restart, each end but the one that still stands was followed by one.
    const ended = lifeOf(inspect.State.Status) === 'ended' ? 1 : 0
    const count = podman ? Math.max(0, exits.length - ended) : inspect.RestartCount
    return { restarts: count, lastExit: exits.at(-1 - ended) }
  }

  async function see(inspect: ContainerInspect): Promise<Seen> {
    const podman = (await flavor()).kind === 'podman'
    const running = lifeOf(inspect.State.Status) === 'running'
    const wanted = running && isLocal(client.endpoint) && portsOf(inspect.Config.Labels).some(({ protocol }) => protocol === 'TCP')
    const open = wanted ? await containerPorts(inspect.State.Pid, inspect.Id) : undefined
    const restartedByUs = podman && (await restarts.willRestart(inspect))
    return {
      inspect: podman ? inspect : await withLateOom(inspect, client),
      restartedByUs,
      listening: ({ protocol, targetPort }) => (protocol === 'TCP' ? open?.has(targetPort) : undefined),
      ...(await past(inspect, podman)),
    }
  }

  return async (ref: WorkloadRef): Promise<Observation> => observation(await Promise.all((await containers.inspectAll(ref)).map(see)), engineHost)
}
