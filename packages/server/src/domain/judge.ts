import { ACTIONS, type Verdict } from 'davit/contract'
import type { ContainerObservation, PresentObservation } from './observation.ts'
import { isHopeless } from './patience.ts'
import { verdict } from './verdict.ts'
import type { Workload } from './workload.ts'

/** A container that ends this often soon after its start is not going to stay. */
const CRASH_LOOP = { shownAfter: 2, fatalAfter: 5, withinMs: 300_000 } as const
/** How long a service may take to listen before it is called unhealthy; it may still come. */
export const LISTEN_GRACE_MS = 15_000

const since = (time: string | undefined, now: Date): number => (time ? now.getTime() - Date.parse(time) : 0)

const contextOf = (workload: Workload, exitCode?: number) => ({
  image: workload.image,
  memoryLimit: workload.resources.mem?.limit,
  ports: workload.ports.map(({ targetPort }) => targetPort),
  ...(exitCode !== undefined && { exitCode }),
})

/** Why one ended container is not a success; undefined where it is. `lastLines` are the end of its log. */
export function verdictOfEnd(container: ContainerObservation, workload: Workload, lastLines: readonly string[]): Verdict | undefined {
  const { exitCode = 255, oomKilled, error } = container
  if (exitCode === 0 && !oomKilled) return undefined
  const evidence = [...(error ? [error] : []), ...lastLines]
  return verdict(oomKilled ? 'oom-killed' : 'exit-nonzero', evidence, contextOf(workload, exitCode))
}

export const isServing = (seen: PresentObservation): boolean =>
  seen.containers.some(({ ready }) => ready) && seen.ports.every(({ listening }) => listening !== false)

const crashes = (seen: PresentObservation): ContainerObservation | undefined =>
  seen.containers
    .filter(({ restarts, ready, startedAt, state }) => restarts >= CRASH_LOOP.shownAfter && (!ready || state !== 'running' || startedAt === undefined))
    .sort((a, b) => b.restarts - a.restarts)[0]

const endingOf = ({ lastExit, exitCode }: ContainerObservation): string => {
  const code = lastExit?.exitCode ?? exitCode
  return lastExit?.oomKilled ? 'killed for its memory' : code === undefined ? 'ended' : `ended with exit code ${code}`
}

export interface Judgement {
  readonly verdict: Verdict | undefined
  /** True: it will not get better by waiting; the run is an error. */
  readonly fatal: boolean
}

/** What the engine itself says is wrong. */
const told = ({ trouble }: PresentObservation, workload: Workload, now: Date): Judgement | undefined =>
  trouble && {
    verdict: verdict(trouble.code, trouble.evidence, contextOf(workload)),
    fatal: isHopeless(trouble.code, since(trouble.since, now)),
  }

/** Whether a workload that should run for ever is as wanted, and if not, why. */
export function judge(seen: PresentObservation, workload: Workload, now: Date): Judgement {
  const context = contextOf(workload)
  const engineSays = told(seen, workload, now)
  if (engineSays?.fatal) return engineSays
  const loop = ACTIONS[workload.action].longRunning ? crashes(seen) : undefined
  if (loop) {
    const code = loop.lastExit?.oomKilled ? 'oom-killed' : 'crash-loop'
    const young = since(loop.startedAt, now) < CRASH_LOOP.withinMs
    return {
      verdict: verdict(code, [`${loop.name} ${endingOf(loop)}, started again ${loop.restarts} times`], context),
      fatal: loop.restarts >= CRASH_LOOP.fatalAfter && young,
    }
  }
  if (engineSays) return engineSays
  const deaf = seen.ports.filter(({ listening }) => listening === false)
  const oldest = Math.max(0, ...seen.containers.filter(({ state }) => state === 'running').map(({ startedAt }) => since(startedAt, now)))
  if (deaf.length > 0 && oldest > LISTEN_GRACE_MS)
    return {
      verdict: verdict(
        'port-not-listening',
        deaf.map(({ targetPort }) => `nothing listens on port ${targetPort} in the container`),
        context,
      ),
      fatal: false,
    }
  return { verdict: undefined, fatal: false }
}
