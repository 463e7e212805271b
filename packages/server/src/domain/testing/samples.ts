import type { ContainerObservation, PresentObservation, PublishedPort } from '../observation.ts'
import type { Workload } from '../workload.ts'
import { workloadOf } from '../workload-of.ts'

/** The time of every test that does not care. */
export const NOW = new Date('2026-05-01T12:00:00Z')
export const ago = (ms: number): string => new Date(NOW.getTime() - ms).toISOString()

export const workload = (wanted: Partial<Workload> = {}): Workload => ({
  ...workloadOf({ id: 'r1', project: 'p', action: wanted.action ?? 'job', spec: { task: 't', image: 'app:1' } }, 1),
  ...wanted,
})

/** A container that runs well since a minute, but for what is said. */
export const container = (said: Partial<ContainerObservation> = {}): ContainerObservation => ({
  name: 'c-0',
  replica: 0,
  state: 'running',
  ready: true,
  restarts: 0,
  exitCode: undefined,
  oomKilled: false,
  error: undefined,
  lastExit: undefined,
  startedAt: ago(60_000),
  endedAt: undefined,
  ...said,
})

export const ended = (exitCode: number, said: Partial<ContainerObservation> = {}): ContainerObservation =>
  container({ state: 'ended', ready: false, exitCode, endedAt: ago(1000), ...said })

export const port = (said: Partial<PublishedPort> = {}): PublishedPort => ({
  name: 'port80',
  port: 80,
  targetPort: 8080,
  protocol: 'TCP',
  host: '127.0.0.1',
  hostPort: 31_000,
  nodePort: said.hostPort ?? 31_000,
  listening: true,
  ...said,
})

export const seen = (containers: readonly ContainerObservation[], said: Partial<PresentObservation> = {}): PresentObservation => ({
  phase: containers.every(({ state }) => state === 'ended') ? 'ended' : 'running',
  uid: 'uid-1',
  containers,
  ports: [],
  clusterIP: undefined,
  ...said,
})
