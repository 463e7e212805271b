import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine, WorkloadRef } from '#domain/engine.ts'
import type { LeaseRepo } from '#store/leases.ts'
import type { Wanted } from '#store/runs.ts'
import type { Store } from '#store/store.ts'
import type { Loop } from './loop.ts'

export interface SweepDeps {
  readonly store: Store
  readonly engine: Engine
  readonly onError: (what: string, error: unknown) => void
  readonly onOrphan: (ref: WorkloadRef) => void
}

const BATCH = 500

/** Wakes the runs whose time has come: what no hint and no notification reached. */
export const sweepRuns = async ({ leases, loop }: { readonly leases: LeaseRepo; readonly loop: Loop }): Promise<void> => {
  for (const id of await leases.due(BATCH)) loop.wake(id)
}

/**
 * What of an object may go; undefined: nothing, somebody cares for it. What has ended and was taken away has nothing, whatever came after it.
 * Volumes go only with a run that is gone.
 */
export function isLeft({ attempt }: Pick<WorkloadRef, 'attempt'>, run: Wanted | undefined): { readonly volumes: boolean } | undefined {
  if (!run) return { volumes: true }
  if (attempt === 0) return undefined
  return run.settled || run.removed.includes(attempt) ? { volumes: false } : undefined
}

/** Removes engine objects of ours that no run wants any more. */
export async function sweepOrphans({ store, engine, onOrphan, onError }: SweepDeps): Promise<void> {
  const refs = await engine.list()
  for (let at = 0; at < refs.length; at += BATCH) {
    const batch = refs.slice(at, at + BATCH)
    const wanted = new Map((await store.runs.wanted([...new Set(batch.map(({ runId }) => runId))])).map((run) => [run.id, run]))
    for (const ref of batch) {
      const left = isLeft(ref, wanted.get(ref.runId))
      if (!left) continue
      onOrphan(ref)
      await engine.remove(ref, left).catch((error: unknown) => onError(`removing orphan ${ref.name}`, error))
    }
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
