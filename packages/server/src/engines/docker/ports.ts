import { createServer } from 'node:net'
import type { Workload } from '#domain/workload.ts'
import type { HostPort } from './create.ts'

/** Kubernetes' range for node ports: below the range from which kernels take ports for outgoing connections, so a restart finds its port free. */
const RANGE = { first: 30_000, count: 2_768 } as const
const TRIES = 50

export interface PortChoice {
  /** Address for services of type ClusterIP: loopback, so that a laptop's owner can open them. */
  readonly publishHost: string
  /** Address for NodePort and LoadBalancer. */
  readonly nodePortHost: string
  /** Can this process see the engine's ports? Then a port that is in use is passed over. */
  readonly local: boolean
  readonly random: () => number
}

/** The address that a workload's ports are published on. */
export const hostOf = (workload: Workload, { publishHost, nodePortHost }: Pick<PortChoice, 'publishHost' | 'nodePortHost'>): string =>
  workload.serviceType === 'NodePort' || workload.serviceType === 'LoadBalancer' ? nodePortHost : publishHost

/**
 * Host ports for one replica. An engine that is left to choose takes a new port at each restart of a container, and the service's
 * address would change; so the choice is made here, once. The port that a user asks for goes to the first replica.
 */
export async function chooseHostPorts(workload: Workload, replica: number, choice: PortChoice): Promise<readonly HostPort[]> {
  const host = hostOf(workload, choice)
  const chosen: HostPort[] = []
  for (const { nodePort, protocol } of workload.ports) {
    const fixed = replica === 0 ? nodePort : undefined
    chosen.push({ host, port: fixed ?? (await freePort({ host, taken: chosen, protocol }, choice)) })
  }
  return chosen
}

async function freePort(
  { host, taken, protocol }: { host: string; taken: readonly HostPort[]; protocol: 'TCP' | 'UDP' },
  { local, random }: PortChoice,
): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = RANGE.first + Math.floor(random() * RANGE.count)
    if (taken.some((other) => other.port === port)) continue
    if (!local || protocol === 'UDP' || (await isFree(host, port))) return port
  }
  throw new Error(`found no free port between ${RANGE.first} and ${RANGE.first + RANGE.count - 1} on ${host}`)
}

const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
