import { type Kysely, sql } from 'kysely'
import type { DB } from './schema.ts'

export interface Failures {
  readonly key: string
  readonly count: number
  /** Seconds since the last one, by the database's clock. */
  readonly agoS: number
}

/** How often who failed to log in, counted for all servers together. */
export const loginFailureRepo = (db: Kysely<DB>) => ({
  of: async (keys: readonly string[]): Promise<readonly Failures[]> => {
    const { rows } =
      await sql<Failures>`select key, count, extract(epoch from clock_timestamp() - last)::float8 as "agoS" from login_failure where key = any(${keys})`.execute(
        db,
      )
    return rows
  },

  /** One more; what lies an hour back is forgotten. Gives the new counts. */
  add: async (keys: readonly string[]): Promise<readonly { readonly key: string; readonly count: number }[]> => {
    const { rows } = await sql<{ key: string; count: number }>`insert into login_failure (key, count) select unnest(${keys}::text[]), 1
      on conflict (key) do update set last = clock_timestamp(),
        count = case when login_failure.last < clock_timestamp() - interval '1 hour' then 1 else login_failure.count + 1 end
      returning key, count`.execute(db)
    return rows
  },

  takeBack: (keys: readonly string[]): Promise<unknown> => sql`update login_failure set count = greatest(0, count - 1) where key = any(${keys})`.execute(db),

  forget: (key: string): Promise<unknown> => db.deleteFrom('login_failure').where('key', '=', key).execute(),
})
