import type { RunRow } from '#store/runs.ts'
import type { Repos } from '#store/store.ts'

/** How often a compare-and-set that somebody else won is tried again with the row as it is then. */
const TRIES = 5

/** Marks runs for deletion, whatever they are doing; the reconciler stops and removes them. Gives the ids to wake. */
export async function deleteRuns(inside: Repos, runs: readonly RunRow[]): Promise<readonly string[]> {
  const ids: string[] = []
  for (const run of runs) {
    let current: RunRow | undefined = run
    for (let tries = 0; current && current.state !== 'DELETING' && tries < TRIES; tries++) {
      if (await inside.runs.move(current, { to: 'DELETING', settled: false, status: { ...current.status, phase: 'deleting' } })) break
      current = await inside.runs.findById(run.id)
    }
    ids.push(run.id)
  }
  return ids
}
