import { ACTIONS, type Action, isFinal } from 'davit/contract'
import { asking, EngineTrouble } from '#domain/engine-trouble.ts'
import { judge } from '#domain/judge.ts'
import { needsLook, type PlannedAttempt, plan } from '#domain/plan.ts'
import { countRestarts } from '#domain/restarts.ts'
import { verdict } from '#domain/verdict.ts'
import { refOf } from '#domain/workload.ts'
import { workloadOf } from '#domain/workload-of.ts'
import type { AttemptRow } from '#store/attempts.ts'
import type { LeaseRepo } from '#store/leases.ts'
import type { RunRow } from '#store/runs.ts'
import { isShown, type Next, type ReconcileDeps } from './context.ts'
import { type Held, holding } from './hold.ts'
import type { Again } from './loop.ts'
import type { Sightings } from './sightings.ts'
import { perform } from './steps.ts'

/** More steps than any run needs without waiting: a plan that goes in circles is an error, not a busy loop. */
const MAX_STEPS = 40
/** How long a final run's objects may be left where they are while there is more important work. */
const CLEANUP_MS = 30_000
/** Failures of the engine in a row before the run says so. */
const SAY_TROUBLE_AFTER = 2

export interface RunReconcilerDeps extends ReconcileDeps {
  readonly leases: LeaseRepo
  readonly leaseTtlMs: number
  readonly sightings: Sightings
  /** Fires when the server ends. */
  readonly stop: AbortSignal
}

const planned = (row: AttemptRow): PlannedAttempt => ({
  number: row.number,
  applied: row.uid !== null,
  outcome: row.outcome ?? undefined,
  endedAt: row.ended ?? undefined,
  removed: row.removed,
})

/** Reads everything there is to know about a run and takes one step. */
async function lookAndStep(deps: RunReconcilerDeps, held: Held, { run, attempt: told }: { run: RunRow; attempt: AttemptRow | undefined }): Promise<Next> {
  const attempt = told ?? (await deps.store.attempts.of(run.id)).at(-1)
  // The service refuses every other action when the run is made.
  const action = run.action as Action
  const workload = workloadOf({ id: run.id, project: run.project, action, spec: run.spec }, attempt?.number ?? 1)
  const ref = refOf(workload)
  const known = attempt && planned(attempt)
  held.assert()
  const looked = needsLook({ state: run.state, attempt: known }) ? await asking(deps.engine.observe(ref)) : undefined
  const now = deps.now()
  const isThere = looked && looked.phase !== 'absent' && attempt
  const seen = isThere ? countRestarts(looked, { before: run.status.containers, began: attempt.created, now }) : looked
  const { verdict: trouble, fatal } =
    seen && seen.phase !== 'absent' ? judge(seen, workload, now, { cluster: deps.engine.can.clusters }) : { verdict: undefined, fatal: false }
  const retries = ACTIONS[action].longRunning ? 0 : (run.spec.backoff_limit ?? 0)
  const step = plan({
    state: run.state,
    action,
    retries,
    attempt: known,
    seen,
    replicas: deps.engine.replaces ? undefined : workload.replicas,
    hopeless: fatal,
    now,
  })
  held.assert()
  const next = await perform({ deps, held, run, workload, retries, ref, attempt, seen, trouble }, step)
  if (looked && next !== 'never' && 'againInMs' in next) deps.sightings.keep(run.id, ref, looked)
  return next
}

async function steps(deps: RunReconcilerDeps, held: Held): Promise<{ again: Again; lookInMs: number | undefined }> {
  let run: RunRow | undefined = held.run
  let attempt: AttemptRow | undefined
  for (let taken = 0; run && taken < MAX_STEPS; taken++) {
    const next: Next = await lookAndStep(deps, held, { run, attempt })
    if (next === 'never') return { again: undefined, lookInMs: undefined }
    if ('againInMs' in next) return { again: next.againInMs, lookInMs: next.againInMs }
    // Nobody waits for what is left to do.
    if (next.run && !isFinal(held.run.state) && isFinal(next.run.state)) return { again: 'when-idle', lookInMs: CLEANUP_MS }
    run = next.run
    attempt = next.attempt
  }
  if (run) throw new Error(`run ${run.id} took ${MAX_STEPS} steps without coming to rest`)
  return { again: undefined, lookInMs: 0 }
}

/** Tells on the run that its engine does not answer, or what it refuses. Its state stays what it was: that is not evidence of anything. */
async function sayTrouble(deps: ReconcileDeps, held: Held, trouble: EngineTrouble): Promise<void> {
  const run = await deps.store.runs.findById(held.run.id)
  if (!run || isFinal(run.state)) return
  const status = { ...run.status, verdict: verdict(trouble.told.code, trouble.told.evidence) }
  if (!isShown(run.status, status)) await deps.store.runs.show(run, { token: held.token, status })
}

/** Level-triggered: is handed an id, reads everything, takes steps until one has to wait. An event never carries state. */
export const runReconciler =
  (deps: RunReconcilerDeps) =>
  async (id: string, failures: number): Promise<Again> => {
    deps.sightings.forget(id)
    const result = await holding(id, { leases: deps.leases, ttlMs: deps.leaseTtlMs, stop: deps.stop }, async (held) => {
      try {
        return await steps(deps, held)
      } catch (error) {
        if (error instanceof EngineTrouble && failures + 1 >= SAY_TROUBLE_AFTER && !held.signal.aborted) await sayTrouble(deps, held, error)
        throw error
      }
    })
    return result?.again
  }
