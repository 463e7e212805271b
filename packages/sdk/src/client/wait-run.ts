import { DavitError } from '#contract/error.ts'
import { parseTaskRef } from '#contract/key.ts'
import { ACTIONS, type Action, actionOfRunKind, actionOfTaskKind } from '#contract/kind.ts'
import type { Run } from '#contract/run.ts'
import { isFinal } from '#contract/run-state.ts'
import { deadline } from './deadline.ts'
import type { CallOptions } from './options.ts'

export interface WaitOptions extends CallOptions {
  /** `final` (default): it has ended. `ready`: it runs, and a service has its address; or it has ended. */
  readonly until?: 'final' | 'ready' | undefined
  /** Milliseconds. Default: no limit. */
  readonly timeoutMs?: number | undefined
  /** Called with the run as it is at first and after each change. */
  readonly onChange?: ((run: Run) => void) | undefined
}

/** What a run does, also for the one run kind of SDK ≤ 0.13, where its task says it. */
const actionOf = (run: Run): Action | undefined => actionOfRunKind(run.kind) ?? actionOfTaskKind(parseTaskRef(run.spec.task)?.kind ?? '')

/** Whether it runs as wanted: a service must have its address too. */
export const isReady = (run: Run): boolean => {
  const action = actionOf(run)
  const needsAddress = action !== undefined && ACTIONS[action].service
  return run.status.state === 'RUNNING' && (!needsAddress || run.status.service !== undefined)
}

const tooLate = (run: Run | undefined, timeoutMs: number): DavitError => {
  if (!run) return new DavitError('timeout', `the run was not seen within ${timeoutMs} ms`)
  const { state, phase, verdict } = run.status
  const where = phase === undefined ? state : `${state} (${phase})`
  const why = verdict ? `: ${verdict.title}` : ''
  return new DavitError('timeout', `run ${run.name} is still ${where} after ${timeoutMs} ms${why}`, verdict ? { hint: verdict.hint } : {})
}

const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The run, as soon as it is as far as wanted. */
export const waitForRun = async (watch: (signal: AbortSignal) => AsyncIterable<Run>, options: WaitOptions): Promise<Run> => {
  const { until = 'final', timeoutMs = LONGEST_TIMER_MS, onChange, signal } = options
  const limit = deadline(signal, Math.min(timeoutMs, LONGEST_TIMER_MS))
  let run: Run | undefined
  try {
    for await (run of watch(limit.signal)) {
      onChange?.(run)
      if (isFinal(run.status.state) || (until === 'ready' && isReady(run))) return run
    }
    throw new DavitError('bad_answer', 'the watch ended before the run did')
  } catch (error) {
    throw limit.expired() ? tooLate(run, timeoutMs) : error
  } finally {
    limit.close()
  }
}
