import type { Run } from 'davit/contract'
import type { RunRow } from '#store/runs.ts'
import type { Repos } from '#store/store.ts'
import { toRun } from './wire.ts'

/** Rows as clients see them, each with its history; three queries for all of them. */
export async function withHistory(store: Repos, rows: readonly RunRow[]): Promise<Run[]> {
  const ids = rows.map(({ id }) => id)
  const [transitions, attempts, metrics] = await Promise.all([store.runs.transitions(ids), store.attempts.ofMany(ids), store.metrics.ofMany(ids)])
  const byRun = Object.groupBy(transitions, ({ run }) => run)
  const attemptsByRun = Object.groupBy(attempts, ({ run }) => run)
  return rows.map((row) => toRun(row, { transitions: byRun[row.id] ?? [], attempts: attemptsByRun[row.id] ?? [], metrics: metrics.get(row.id) }))
}

export async function withOwnHistory(store: Repos, row: RunRow): Promise<Run> {
  const ids = [row.id]
  const [transitions, attempts, metrics] = await Promise.all([store.runs.transitions(ids), store.attempts.of(row.id), store.metrics.ofMany(ids)])
  return toRun(row, { transitions, attempts, metrics: metrics.get(row.id) })
}
