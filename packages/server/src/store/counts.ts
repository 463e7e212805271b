import { type Kysely, sql } from 'kysely'
import type { DB } from './schema.ts'

const KEY = sql.raw('project, kind, action, function_ref, task_ref, user_name, state')

/**
 * Each run that appears, moves or goes adds rows to `run_count`; here those of the same key become one, and those that add up to none
 * go. One statement: whoever adds up meanwhile sees all of it or nothing. A server that finds another at it leaves it alone.
 */
export const joinCounts = (db: Kysely<DB>): Promise<unknown> =>
  db.transaction().execute(async (inside) => {
    const { rows } = await sql<{ free: boolean }>`select pg_try_advisory_xact_lock(hashtext('davit run_count')) as free`.execute(inside)
    if (!rows[0]?.free) return
    await sql`
      with taken as (
        delete from run_count where (${KEY}) in (select ${KEY} from run_count group by ${KEY} having count(*) > 1 or sum(n) = 0) returning *)
      insert into run_count select ${KEY}, sum(n) from taken group by ${KEY} having sum(n) <> 0`.execute(inside)
  })
