import type { ContainerObservation, Observation, PublishedPort } from '#domain/observation.ts'
import type { WorkloadPort } from '#domain/workload.ts'
import { portKey } from './create.ts'
import { type ContainerInspect, timeOf } from './inspect.ts'
import { LABEL, portsOf } from './labels.ts'

/** One container as the engine describes it, and what was found out beside. */
export interface Seen {
  readonly inspect: ContainerInspect
  /** Listens on the port? Undefined: not known. */
  readonly listening: (port: WorkloadPort) => boolean | undefined
  readonly restarts: number
  readonly lastExit: ContainerObservation['lastExit']
  /** We start it again ourselves (Podman), so its end is not final. */
  readonly restartedByUs: boolean
}

type Life = 'unstarted' | 'running' | 'restarting' | 'ended'

/** Docker's and Podman's words for a container's state. What neither knows counts as running: the next look tells more. */
const LIVES: Readonly<Record<string, Life>> = {
  created: 'unstarted',
  configured: 'unstarted',
  initialized: 'unstarted',
  running: 'running',
  paused: 'running',
  stopping: 'running',
  restarting: 'restarting',
  exited: 'ended',
  stopped: 'ended',
  dead: 'ended',
}
const STATES = { unstarted: 'waiting', running: 'running', restarting: 'waiting', ended: 'ended' } as const satisfies Record<
  Life,
  ContainerObservation['state']
>

export const lifeOf = (status: string, restartedByUs = false): Life => {
  const life = LIVES[status] ?? 'running'
  return life === 'ended' && restartedByUs ? 'restarting' : life
}

/** A container that somebody is removing at this moment is gone. */
export const isGone = (status: string): boolean => status === 'removing'

const nameOf = ({ Name }: ContainerInspect): string => Name.replace(/^\//, '')
const replicaOf = ({ Config }: ContainerInspect): number => Number(Config.Labels[LABEL.replica] ?? 0)

/** Docker stamps the end of a very short life before its start, when the start call is still under way. */
const endOf = ({ StartedAt, FinishedAt }: ContainerInspect['State']): string | undefined => {
  const [started = '', finished] = [timeOf(StartedAt), timeOf(FinishedAt)]
  return finished !== undefined && finished < started ? started : finished
}

/** How long the life that ended was. */
const lastedMs = (state: ContainerInspect['State']): number => Date.parse(endOf(state) ?? state.StartedAt) - Date.parse(state.StartedAt)

function observeContainer(seen: Seen): ContainerObservation {
  const { State, Config } = seen.inspect
  const life = lifeOf(State.Status, seen.restartedByUs)
  const ended = life === 'ended'
  const exit = { exitCode: State.ExitCode, oomKilled: State.OOMKilled, ranMs: lastedMs(State) }
  const answers = portsOf(Config.Labels).every((port) => seen.listening(port) !== false)
  return {
    name: nameOf(seen.inspect),
    replica: replicaOf(seen.inspect),
    state: STATES[life],
    ready: life === 'running' && answers,
    restarts: seen.restarts,
    exitCode: ended ? State.ExitCode : undefined,
    oomKilled: ended && State.OOMKilled,
    error: State.Error === '' ? undefined : State.Error,
    lastExit: life === 'restarting' ? exit : seen.lastExit,
    startedAt: life === 'unstarted' ? undefined : timeOf(State.StartedAt),
    endedAt: ended || life === 'restarting' ? endOf(State) : undefined,
  }
}

/** Bound to every address: reachable at loopback, or at the engine's own host. */
const WILDCARDS = ['', '0.0.0.0', '::']

function publishedPorts(seen: Seen, engineHost: string): readonly PublishedPort[] {
  const { State, Config, HostConfig, NetworkSettings } = seen.inspect
  const life = lifeOf(State.Status, seen.restartedByUs)
  if (life !== 'running' && life !== 'restarting') return []
  return portsOf(Config.Labels).flatMap((port) => {
    const [bound] = NetworkSettings.Ports[portKey(port)] ?? HostConfig.PortBindings[portKey(port)] ?? []
    const hostPort = Number(bound?.HostPort ?? 0)
    if (!bound || hostPort === 0) return []
    const { name, port: number, targetPort, protocol } = port
    const host = WILDCARDS.includes(bound.HostIp) ? engineHost : bound.HostIp
    return [{ name, port: number, targetPort, protocol, host, hostPort, nodePort: hostPort, listening: life === 'running' ? seen.listening(port) : undefined }]
  })
}

/** `waiting` while one was never started or is missing; `ended` when none runs or will run again. */
function phaseOf(seen: readonly Seen[]): 'waiting' | 'running' | 'ended' {
  const lives = seen.map(({ inspect, restartedByUs }) => lifeOf(inspect.State.Status, restartedByUs))
  if (lives.every((life) => life === 'ended')) return 'ended'
  const wanted = Number(seen[0]?.inspect.Config.Labels[LABEL.replicas] ?? seen.length)
  return lives.includes('unstarted') || seen.length < wanted ? 'waiting' : 'running'
}

/** What was seen of a workload's containers, as an observation. `engineHost` stands for ports bound to every address. */
export function observation(containers: readonly Seen[], engineHost: string): Observation {
  const seen = containers.toSorted((a, b) => replicaOf(a.inspect) - replicaOf(b.inspect))
  const [first] = seen
  if (!first) return { phase: 'absent' }
  const [network] = Object.values(first.inspect.NetworkSettings.Networks)
  return {
    phase: phaseOf(seen),
    uid: first.inspect.Id,
    containers: seen.map(observeContainer),
    ports: seen.flatMap((one) => publishedPorts(one, engineHost)),
    clusterIP: network?.IPAddress || undefined,
  }
}
