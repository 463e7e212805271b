import type { Kysely, Selectable } from 'kysely'
import { sql } from 'kysely'
import type { AttemptTable, DB } from './schema.ts'
import { rowsOf } from './statement.ts'

export type AttemptRow = Selectable<AttemptTable>
export type AttemptChange = Partial<Pick<AttemptRow, 'uid' | 'started' | 'ended' | 'outcome' | 'exit_code' | 'logs_stored' | 'removed'>>

export const attemptRepo = (db: Kysely<DB>) => ({
  of: (run: string): Promise<readonly AttemptRow[]> => rowsOf(db, 'select * from attempt where run = $1 order by number', [run]),

  ofMany: (runs: readonly string[]): Promise<readonly AttemptRow[]> =>
    runs.length === 0 ? Promise.resolve([]) : rowsOf(db, 'select * from attempt where run = any($1) order by number', [runs]),

  /** Writes the ledger before the engine is asked. Undefined: this number exists, somebody else began it. */
  begin: (attempt: { run: string; number: number; object: string }): Promise<AttemptRow | undefined> =>
    db
      .insertInto('attempt')
      .values({ ...attempt, uid: null, started: null, ended: null, outcome: null, exit_code: null })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst(),

  /** Changes the row if the lease still is ours. Undefined: it is not. */
  change: (run: string, number: number, { token, set }: { token: number; set: AttemptChange }): Promise<AttemptRow | undefined> =>
    db
      .updateTable('attempt')
      .set(set)
      .where('run', '=', run)
      .where('number', '=', number)
      .where(({ exists, selectFrom }) =>
        exists(selectFrom('run').select(sql`1`.as('held')).whereRef('run.id', '=', 'attempt.run').where('run.lease_token', '=', token)),
      )
      .returningAll()
      .executeTakeFirst(),
})
