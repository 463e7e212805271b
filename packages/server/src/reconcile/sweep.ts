import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine, WorkloadRef } from '#domain/engine.ts'
import type { LeaseRepo } from '#store/leases.ts'
import type { Store } from '#store/store.ts'
import type { Loop } from './loop.ts'

export interface SweepDeps {
  readonly store: Store
  readonly leases: LeaseRepo
  readonly engine: Engine
  readonly loop: Loop
  readonly onError: (what: string, error: unknown) => void
  readonly onOrphan: (ref: WorkloadRef) => void
}

const BATCH = 500

/** Wakes the runs whose time has come: what no hint and no notification reached. */
export const sweepRuns = async ({ leases, loop }: Pick<SweepDeps, 'leases' | 'loop'>): Promise<void> => {
  for (const id of await leases.due(BATCH)) loop.wake(id)
}

/** True: no run wants this object any more. A run that is not settled still cares for its own. */
const isOrphan = async (store: Store, ref: WorkloadRef): Promise<boolean> => {
  const run = await store.runs.findById(ref.runId)
  return run === undefined || run.settled
}

/** Removes engine objects of ours whose run is gone or settled. Volumes go only with a run that is gone. */
export async function sweepOrphans({ store, engine, onOrphan, onError }: SweepDeps): Promise<void> {
  for (const ref of await engine.list()) {
    if (!(await isOrphan(store, ref))) continue
    onOrphan(ref)
    const volumes = (await store.runs.findById(ref.runId)) === undefined
    await engine.remove(ref, { volumes }).catch((error: unknown) => onError(`removing orphan ${ref.name}`, error))
  }
  await engine.tidy()
}

/** Does `work` at once and then every `everyMs`, until the signal fires. A failure is told and tried again next time. */
export async function every(
  everyMs: number,
  { what, work, onError, signal }: { what: string; work: () => Promise<void>; onError: SweepDeps['onError']; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await work().catch((error: unknown) => onError(what, error))
    await sleep(everyMs * (0.9 + Math.random() / 5), undefined, { signal }).catch(() => undefined)
  }
}
