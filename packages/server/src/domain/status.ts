import {
  ACTIONS,
  type Action,
  type ContainerStatus,
  type Note,
  type RunPhase,
  type RunState,
  type ServerStatus,
  type ServiceStatus,
  type Verdict,
} from 'davit/contract'
import { isServing } from './judge.ts'
import type { ContainerObservation, PresentObservation } from './observation.ts'
import type { Workload } from './workload.ts'

const containerStatus = (
  attempt: number,
  { name, replica, state, ready, restarts, quickRestarts, exitCode, startedAt, endedAt }: ContainerObservation,
): ContainerStatus => ({
  name,
  replica,
  attempt,
  state,
  ready,
  restarts,
  ...(quickRestarts && { quick_restarts: quickRestarts }),
  ...(exitCode !== undefined && state === 'ended' && { exit_code: exitCode }),
  ...(startedAt && { started: startedAt }),
  ...(endedAt && { ended: endedAt }),
})

/** Where the service answers, in the shape that official clients read; undefined until a port is published. */
export function serviceStatus(seen: PresentObservation, workload: Workload): ServiceStatus | undefined {
  const [first] = seen.ports
  if (!first || !ACTIONS[workload.action].service) return undefined
  const address = ({ host, hostPort }: { host: string; hostPort: number }) => `${host}:${hostPort}`
  return {
    name: seen.serviceName ?? workload.serviceNames[0] ?? workload.name,
    namespace: seen.namespace ?? workload.project,
    type: workload.serviceType,
    ...(seen.clusterIP && { clusterIP: seen.clusterIP }),
    ports: seen.ports.map(({ name, port, protocol, targetPort, nodePort }) => ({
      name,
      port,
      protocol,
      targetPort,
      ...(nodePort !== undefined && { nodePort }),
    })),
    url: address(first),
    ...(seen.loadBalancer && { load_balancer: seen.loadBalancer }),
    ...(seen.ports.length > 1 && { urls: seen.ports.map(address) }),
  }
}

/** RUNNING means: it does what was asked. A service must answer first, unless a verdict already says why it does not. */
export const stateOf = ({
  action,
  seen,
  verdict,
}: {
  action: Action
  seen: PresentObservation
  verdict: Verdict | undefined
}): Extract<RunState, 'PENDING' | 'RUNNING'> => {
  const running = seen.containers.some(({ state, ready }) => state === 'running' || ready)
  return running && (!ACTIONS[action].service || isServing(seen) || verdict !== undefined) ? 'RUNNING' : 'PENDING'
}

const phaseOf = (state: RunState, seen: PresentObservation, { verdict, replicas }: { verdict: Verdict | undefined; replicas: number }): RunPhase => {
  if (state === 'STOP') return 'stopping'
  if (state === 'DELETING') return 'deleting'
  if (state === 'PENDING' && seen.waitsFor) return seen.waitsFor
  if (verdict) return 'degraded'
  if (state === 'PENDING' || seen.phase === 'waiting') return 'starting'
  return seen.containers.filter((container) => container.state === 'running').length < replicas ? 'degraded' : 'running'
}

/** What clients see of a workload that exists. */
export const statusOf = (
  state: RunState,
  seen: PresentObservation,
  { workload, verdict, notes }: { workload: Workload; verdict: Verdict | undefined; notes: Note[] | undefined },
): ServerStatus => {
  const service = serviceStatus(seen, workload)
  return {
    phase: phaseOf(state, seen, { verdict, replicas: workload.replicas }),
    ...(verdict && { verdict }),
    ...(notes && { notes }),
    containers: seen.containers.map((container) => containerStatus(workload.attempt, container)),
    ...(service && { service }),
    ...seen.objects,
  }
}
