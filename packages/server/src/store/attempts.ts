import type { Kysely, Selectable } from 'kysely'
import { json } from './json.ts'
import type { AttemptTable, DB } from './schema.ts'
import { rowOf, rowsOf } from './statement.ts'

export type AttemptRow = Selectable<AttemptTable>
export type AttemptChange = Partial<Pick<AttemptRow, 'uid' | 'started' | 'ended' | 'outcome' | 'exit_code' | 'logs_stored' | 'removed'>>

/** What an update of `attempt` sets by an AttemptChange that is given as JSON: what it does not name stays. */
export const setAttempt = (change: string): string =>
  `(uid, started, ended, outcome, exit_code, logs_stored, removed) = (
    select r.uid, r.started, r.ended, r.outcome, r.exit_code, r.logs_stored, r.removed from jsonb_populate_record(attempt, ${change}::jsonb) as r)`

const OF = 'select * from attempt where run = $1 order by number'
const OF_MANY = 'select * from attempt where run = any($1) order by number'
const BEGIN = 'insert into attempt (run, number, object) values ($1, $2, $3) on conflict do nothing returning *'
const CHANGE = `update attempt set ${setAttempt('$4')}
  where run = $1 and number = $2 and exists (select from run where run.id = attempt.run and run.lease_token = $3) returning *`

export const attemptRepo = (db: Kysely<DB>) => ({
  of: (run: string): Promise<readonly AttemptRow[]> => rowsOf(db, OF, [run]),

  ofMany: (runs: readonly string[]): Promise<readonly AttemptRow[]> => (runs.length === 0 ? Promise.resolve([]) : rowsOf(db, OF_MANY, [runs])),

  /** Writes the ledger before the engine is asked. Undefined: this number exists, somebody else began it. */
  begin: ({ run, number, object }: { run: string; number: number; object: string }): Promise<AttemptRow | undefined> => rowOf(db, BEGIN, [run, number, object]),

  /** Changes the row if the lease still is ours. Undefined: it is not. */
  change: (run: string, number: number, { token, set }: { token: number; set: AttemptChange }): Promise<AttemptRow | undefined> =>
    rowOf(db, CHANGE, [run, number, token, json(set)]),
})
