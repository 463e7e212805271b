import { ACTIONS, type Verdict } from 'davit/contract'
import type { ContainerObservation, PresentObservation } from './observation.ts'
import { isHopeless } from './patience.ts'
import { verdict, type VerdictContext } from './verdict.ts'
import type { Workload } from './workload.ts'

/** A container that was started again this often in a row, and never stayed up for long, is not going to stay. */
const CRASH_LOOP = { shownAfter: 2, fatalAfter: 5 } as const
/** How long a service may take to listen before it is called unhealthy; it may still come. */
export const LISTEN_GRACE_MS = 15_000

const since = (time: string | undefined, now: Date): number => (time ? now.getTime() - Date.parse(time) : 0)

/** Which kind of engine it is, for hints. */
type On = Pick<VerdictContext, 'cluster'>

/** What hints may say of a workload. */
export const contextOf = (workload: Workload, { exitCode, cluster = false }: Pick<VerdictContext, 'exitCode' | 'cluster'> = {}): VerdictContext => ({
  cluster,
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
  return verdict(oomKilled ? 'oom-killed' : 'exit-nonzero', evidence, contextOf(workload, { exitCode }))
}

export const isServing = (seen: PresentObservation): boolean =>
  seen.containers.some(({ ready }) => ready) && seen.ports.every(({ listening }) => listening !== false)

const timesOf = ({ quickRestarts = 0 }: ContainerObservation): number => quickRestarts

const crashes = (seen: PresentObservation): ContainerObservation | undefined =>
  seen.containers.filter((one) => timesOf(one) >= CRASH_LOOP.shownAfter && !one.ready).sort((a, b) => timesOf(b) - timesOf(a))[0]

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
const told = ({ trouble }: PresentObservation, context: VerdictContext, now: Date): Judgement | undefined =>
  trouble && {
    verdict: verdict(trouble.code, trouble.evidence, context),
    fatal: isHopeless(trouble.code, since(trouble.since, now)),
  }

/** What keeps ending. Never hopeless beside others that serve, nor while it runs: it may stay this time. */
function looping(loop: ContainerObservation, { containers }: PresentObservation, workload: Workload): Judgement {
  const what = `${loop.name} ${endingOf(loop)}, started again ${timesOf(loop)} times`
  const ready = containers.filter((one) => one.ready).length
  if (ready > 0)
    return { verdict: verdict('partly-available', [`${ready} of ${containers.length} containers are ready`, what], contextOf(workload)), fatal: false }
  return {
    verdict: verdict(loop.lastExit?.oomKilled ? 'oom-killed' : 'crash-loop', [what], contextOf(workload)),
    fatal: timesOf(loop) >= CRASH_LOOP.fatalAfter && loop.state !== 'running',
  }
}

/** Whether a workload that should run for ever is as wanted, and if not, why. */
export function judge(seen: PresentObservation, workload: Workload, now: Date, on: On = {}): Judgement {
  const context = contextOf(workload, on)
  const engineSays = told(seen, context, now)
  if (engineSays?.fatal) return engineSays
  const loop = ACTIONS[workload.action].longRunning ? crashes(seen) : undefined
  if (loop) return looping(loop, seen, workload)
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
