import { type Kysely, sql } from 'kysely'
import type { RunRow } from './runs.ts'
import type { DB } from './schema.ts'

export interface Lease {
  readonly run: RunRow
  /** Fences every write made under it: a later holder has a higher one. */
  readonly token: number
}

/** Who may act on a run. Time is the database's, so that servers with wrong clocks agree. */
export const leaseRepo = (db: Kysely<DB>, { owner, ttlMs }: { owner: string; ttlMs: number }) => {
  const until = sql<Date>`clock_timestamp() + ${ttlMs} * interval '1 millisecond'`
  return {
    /** Undefined: another holds it, it is settled, or it is gone. */
    async acquire(id: string): Promise<Lease | undefined> {
      const run = await db
        .updateTable('run')
        .set({ lease_owner: owner, lease_token: sql`lease_token + 1`, lease_until: until, look_at: sql`clock_timestamp() + interval '1 hour'` })
        .where('id', '=', id)
        .where('settled', '=', false)
        .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<', sql<Date>`clock_timestamp()`)]))
        .returningAll()
        .executeTakeFirst()
      return run && { run, token: run.lease_token }
    },

    /** False: lost to another, or given back. */
    async extend(id: string, token: number): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('run')
        .set({ lease_until: until })
        .where('id', '=', id)
        .where('lease_token', '=', token)
        .where('lease_until', 'is not', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },

    /** Gives it back, and says when the sweep should look again. A user's change meanwhile has asked for a look at once: that stays. */
    release: (id: string, token: number, lookInMs: number): Promise<unknown> =>
      db
        .updateTable('run')
        .set({ lease_until: null, look_at: sql<Date>`least(look_at, clock_timestamp() + ${lookInMs} * interval '1 millisecond')` })
        .where('id', '=', id)
        .where('lease_token', '=', token)
        .execute(),

    /** Runs whose time has come and that nobody holds, oldest first. */
    due: async (limit: number): Promise<readonly string[]> => {
      const rows = await db
        .selectFrom('run')
        .select('id')
        .where('settled', '=', false)
        .where((eb) =>
          eb.or([eb('look_at', '<=', sql<Date>`clock_timestamp()`).and('lease_until', 'is', null), eb('lease_until', '<', sql<Date>`clock_timestamp()`)]),
        )
        .orderBy('look_at')
        .limit(limit)
        .execute()
      return rows.map(({ id }) => id)
    },

    /** All runs that are not settled. */
    unsettled: async (): Promise<readonly string[]> => (await db.selectFrom('run').select('id').where('settled', '=', false).execute()).map(({ id }) => id),

    /** Only for a server that is alone on its database: the leases of its predecessor are nobody's. */
    dropAll: (): Promise<unknown> => db.updateTable('run').set({ lease_until: null, look_at: sql`clock_timestamp()` }).where('settled', '=', false).execute(),
  }
}
export type LeaseRepo = ReturnType<typeof leaseRepo>
