import type { ContainerCreateOptions } from 'dockerode'
import type { Secrets, Workload } from '#domain/workload.ts'
import type { Flavor } from './flavor.ts'
import type { ImageFacts } from './image.ts'
import { containerLabels } from './labels.ts'
import { containerName, hostName, networkName } from './names.ts'
import { volumePlan } from './volumes.ts'

/** Everything that a container is made from. */
export interface Making {
  readonly installation: string
  readonly workload: Workload
  readonly secrets: Secrets
  readonly replica: number
  readonly image: ImageFacts
  readonly flavor: Flavor
  /** Run docker-init as process 1: it passes signals on and reaps orphans. */
  readonly init: boolean
  /** Where the service's ports are published, in the order of `workload.ports`. */
  readonly hostPorts: readonly HostPort[]
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** Capabilities of an engine's default set that ordinary images do not need: raw packets, device nodes, the audit log, file capabilities. */
const DROPPED = ['NET_RAW', 'MKNOD', 'AUDIT_WRITE', 'SETFCAP']
const PIDS = 4096
const PROGRAMS_THAT_ARE_INIT = /(?:^|\/)(?:init|systemd|s6-init|s6-svscan|tini|tini-static|dumb-init|docker-init|catatonit|my_init)$/

/** What the container executes: Kubernetes' rule. `command` replaces ENTRYPOINT and drops CMD; `args` replaces CMD. */
export function argvOf({ command, args }: Pick<Workload, 'command' | 'args'>, image: Pick<ImageFacts, 'entrypoint' | 'cmd'>): readonly string[] {
  if (command && command.length > 0) return [...command, ...(args ?? [])]
  return [...image.entrypoint, ...(args && args.length > 0 ? args : image.cmd)]
}

/** Images that bring an init of their own want to be process 1 themselves (s6 refuses to be anything else). */
export const wantsInit = (workload: Workload, image: ImageFacts): boolean => !PROGRAMS_THAT_ARE_INIT.test(argvOf(workload, image)[0] ?? '')

/** `tcp` or `udp`, as the engine writes it: `80/tcp`. */
export const portKey = (port: { readonly targetPort: number; readonly protocol: string }): string => `${port.targetPort}/${port.protocol.toLowerCase()}`

/** Does the engine restart it when it ends? Podman does so without a pause, so there we do it ourselves. */
const restartPolicy = (workload: Workload, flavor: Flavor): string => (workload.action === 'job' || flavor.kind === 'podman' ? 'no' : 'unless-stopped')

/** The create call of one container, as a value. */
export function createOptions(making: Making): ContainerCreateOptions & { name: string } {
  const { installation, workload, replica, secrets, image, flavor } = making
  const name = containerName(workload, replica)
  const network = networkName(installation, workload.project)
  const user = userOf(workload, image)
  return {
    name,
    Image: workload.image,
    Hostname: hostName(name),
    ...(workload.command && workload.command.length > 0 && { Entrypoint: [...workload.command] }),
    ...(workload.args && workload.args.length > 0 && { Cmd: [...workload.args] }),
    Env: [...workload.env, ...workload.secretNames.map((secret) => ({ name: secret, value: secrets[secret] ?? '' }))].map(
      ({ name: key, value }) => `${key}=${value}`,
    ),
    ...(user !== undefined && { User: user }),
    Labels: { ...containerLabels(installation, workload, replica) },
    StopTimeout: workload.graceSeconds,
    ExposedPorts: Object.fromEntries(workload.ports.map((port) => [portKey(port), {}])),
    HostConfig: {
      NetworkMode: network,
      RestartPolicy: { Name: restartPolicy(workload, flavor) },
      PortBindings: portBindings(making),
      ...securityOf(making),
      ...limitsOf(making),
      ...mountsOf(making),
      LogConfig: logConfig(flavor),
    },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [...workload.serviceNames] } } },
  }
}

const securityOf = ({ init }: Making) => ({ SecurityOpt: ['no-new-privileges'], CapDrop: DROPPED, Privileged: false, Init: init })

function limitsOf({ workload: { resources }, flavor }: Making) {
  const { cpu, mem, gpu } = resources
  return {
    PidsLimit: PIDS,
    // More cores than there are limit nothing, but Docker refuses them; less than a hundredth it refuses too.
    ...(cpu?.limit !== undefined && { NanoCpus: Math.round(Math.min(Math.max(cpu.limit, 0.01), flavor.cores) * 1e9) }),
    // No swap on top of the limit, as on Kubernetes.
    ...(mem?.limit !== undefined && { Memory: Math.ceil(mem.limit), MemorySwap: Math.ceil(mem.limit) }),
    ...(gpu?.limit !== undefined &&
      gpu.limit > 0 && { DeviceRequests: [{ Driver: '', Count: Math.ceil(gpu.limit), Capabilities: [['gpu']], DeviceIDs: [], Options: {} }] }),
  }
}

function mountsOf(making: Making) {
  const { mounts, binds, tmpfs } = volumePlan(making)
  return { Mounts: [...mounts], Binds: [...binds], Tmpfs: { ...tmpfs } }
}

/** Docker's json-file turns bytes that are no UTF-8 into U+FFFD; `local` keeps them. Podman has only the first, and there it is exact. */
const logConfig = ({ kind }: Flavor) =>
  kind === 'podman'
    ? { Type: 'json-file', Config: { 'max-size': '256m' } }
    : { Type: 'local', Config: { 'max-size': '64m', 'max-file': '4', compress: 'false' } }

const portBindings = ({ workload, hostPorts }: Making) =>
  Object.fromEntries(
    workload.ports.flatMap((port, index) => {
      const bound = hostPorts[index]
      return bound ? [[portKey(port), [{ HostIp: bound.host, HostPort: String(bound.port) }]]] : []
    }),
  )

/** `uid:gid`; what is not asked for stays the image's. */
function userOf({ runAsUser, runAsGroup }: Workload, image: ImageFacts): string | undefined {
  if (runAsUser === undefined && runAsGroup === undefined) return undefined
  const user = runAsUser ?? (image.user.split(':')[0] || '0')
  return runAsGroup === undefined ? String(user) : `${user}:${runAsGroup}`
}
