import { ACTIONS, type Action, isFinal, type RunState } from 'davit/contract'
import type { Observation } from './observation.ts'

/** What plan needs to know of the ledger's newest row. */
export interface PlannedAttempt {
  readonly number: number
  /** The engine said that the object exists and was started. */
  readonly applied: boolean
  readonly outcome: 'succeeded' | 'failed' | 'stopped' | 'replaced' | undefined
  readonly endedAt: Date | undefined
  readonly removed: boolean
}

export interface PlanInput {
  readonly state: RunState
  readonly action: Action
  /** How many failed attempts may be followed by another. */
  readonly retries: number
  readonly attempt: PlannedAttempt | undefined
  /** Undefined: not looked, because plan needs no look there (see `needsLook`). */
  readonly seen: Observation | undefined
  /** How many containers there should be; undefined: the engine itself sees to that. */
  readonly replicas?: number | undefined
  /** What `judge` found beyond repair. */
  readonly hopeless: boolean
  readonly now: Date
}

export type Step =
  /** Write the ledger for a new attempt. */
  | { readonly do: 'begin'; readonly number: number }
  | { readonly do: 'apply' }
  /** Make again what belongs to a workload that goes on and was taken away; then show it. */
  | { readonly do: 'mend' }
  /** Show what is seen; look again on a hint, or later. */
  | { readonly do: 'show' }
  /** Store logs and exit data of an attempt that ended, with its outcome. */
  | { readonly do: 'collect'; readonly outcome: 'succeeded' | 'failed' | 'stopped' }
  /** Somebody removed what we made: the ledger says so. */
  | { readonly do: 'lost'; readonly outcome: 'failed' | 'replaced' }
  | { readonly do: 'finish'; readonly to: 'COMPLETED' | 'ERROR' | 'STOPPED' }
  | { readonly do: 'stop' }
  /** Remove the attempt's containers; volumes that outlive them stay. */
  | { readonly do: 'remove' }
  /** Nothing will ever be left to do. */
  | { readonly do: 'settle' }
  /** The last step of a deletion: whatever the engine still has, volumes too, and then the row itself. */
  | { readonly do: 'forget' }
  | { readonly do: 'wait'; readonly ms: number }

/** Back-off before attempt n + 1: 1 s doubling to 60 s. */
export const retryDelayMs = (failedAttempt: number): number => Math.min(60_000, 1000 * 2 ** (failedAttempt - 1))

/** An end further in the future than clocks of machines differ: ours was set back. Waiting for it to catch up could take for ever. */
const CLOCKS_DIFFER_MS = 60_000

/** Whether plan must see the engine's side. A run without an attempt, or whose attempt is gone for good, has none. */
export const needsLook = ({ state, attempt }: Pick<PlanInput, 'state' | 'attempt'>): boolean => {
  if (!attempt || attempt.removed) return false
  if (state === 'STOP' || state === 'DELETING') return true
  return !isFinal(state) && attempt.applied && attempt.outcome === undefined
}

const hasStarted = (seen: Observation): boolean => seen.phase !== 'absent' && seen.containers.some(({ startedAt }) => startedAt !== undefined)

/** The state in which a run ends with this attempt; undefined: another one follows. */
export function endOf({ number, outcome }: Pick<PlannedAttempt, 'number' | 'outcome'>, retries: number): 'COMPLETED' | 'ERROR' | 'STOPPED' | undefined {
  if (outcome === 'succeeded') return 'COMPLETED'
  if (outcome === 'stopped') return 'STOPPED'
  return outcome === 'failed' && number > retries ? 'ERROR' : undefined
}

function afterOutcome({ attempt, retries, now }: PlanInput & { attempt: PlannedAttempt }): Step {
  const end = endOf(attempt, retries)
  if (end && end !== 'STOPPED') return { do: 'finish', to: end }
  if (!attempt.removed) return { do: 'remove' }
  const passed = now.getTime() - (attempt.endedAt?.getTime() ?? 0)
  const left = passed < -CLOCKS_DIFFER_MS ? 0 : retryDelayMs(attempt.number) - passed
  return left > 0 ? { do: 'wait', ms: left } : { do: 'begin', number: attempt.number + 1 }
}

function planActive(input: PlanInput): Step {
  const { attempt, seen, action, hopeless } = input
  if (!attempt) return { do: 'begin', number: 1 }
  // It was stopped, and is resumed.
  if (input.state === 'READY' && attempt.removed && (attempt.outcome ?? 'stopped') === 'stopped') return { do: 'begin', number: attempt.number + 1 }
  if (attempt.outcome !== undefined) return afterOutcome({ ...input, attempt })
  if (!attempt.applied || !seen) return { do: 'apply' }
  const { longRunning } = ACTIONS[action]
  if (seen.phase === 'absent') return { do: 'lost', outcome: longRunning ? 'replaced' : 'failed' }
  if (hopeless) return { do: 'collect', outcome: 'failed' }
  // A replica that somebody removed is made again: `apply` keeps those that stand.
  if (longRunning && seen.phase === 'waiting' && seen.containers.length < (input.replicas ?? 0)) return { do: 'apply' }
  if (seen.phase !== 'ended') return { do: longRunning && seen.incomplete ? 'mend' : 'show' }
  if (longRunning) return { do: 'lost', outcome: 'replaced' }
  return { do: 'collect', outcome: seen.containers.every(({ exitCode, oomKilled }) => exitCode === 0 && !oomKilled) ? 'succeeded' : 'failed' }
}

function planStopping({ attempt, seen }: PlanInput): Step {
  if (!attempt || attempt.outcome !== undefined || !seen || seen.phase === 'absent') return { do: 'finish', to: 'STOPPED' }
  if (seen.phase === 'ended' || seen.outOfReach) return { do: 'collect', outcome: 'stopped' }
  return hasStarted(seen) ? { do: 'stop' } : { do: 'remove' }
}

const planDeleting = ({ seen }: PlanInput): Step =>
  seen && seen.phase !== 'absent' && seen.phase !== 'ended' && !seen.outOfReach && hasStarted(seen) ? { do: 'stop' } : { do: 'forget' }

/** Decides the next step from what is wanted, what the ledger says and what is seen. Pure: no clock of its own, no I/O. */
export function plan(input: PlanInput): Step {
  if (input.state === 'DELETED') return { do: 'forget' }
  if (input.state === 'DELETING') return planDeleting(input)
  if (isFinal(input.state)) return input.attempt && !input.attempt.removed ? { do: 'remove' } : { do: 'settle' }
  return input.state === 'STOP' ? planStopping(input) : planActive(input)
}
