import type { Kysely } from 'kysely'
import type { RunRow } from './runs.ts'
import type { DB } from './schema.ts'
import { rowOf, rowsOf } from './statement.ts'

export interface Lease {
  readonly run: RunRow
  /** Fences every write made under it: a later holder has a higher one. */
  readonly token: number
}

const after = (ms: string): string => `clock_timestamp() + ${ms}::float8 * interval '1 millisecond'`
const ACQUIRE = `update run set lease_owner = $2, lease_token = lease_token + 1, lease_until = ${after('$3')}, look_at = clock_timestamp() + interval '1 hour'
  where id = $1 and not settled and (lease_until is null or lease_until < clock_timestamp()) returning *`
const EXTEND = `update run set lease_until = ${after('$3')} where id = $1 and lease_token = $2 and lease_until is not null returning id`
const RELEASE = `update run set lease_until = null, look_at = least(look_at, ${after('$3')}) where id = $1 and lease_token = $2`
const DUE = `select id from run
  where not settled and ((look_at <= clock_timestamp() and lease_until is null) or lease_until < clock_timestamp()) order by look_at limit $1`

/** Who may act on a run. Time is the database's, so that servers with wrong clocks agree. */
export const leaseRepo = (db: Kysely<DB>, { owner, ttlMs }: { owner: string; ttlMs: number }) => ({
  /** Undefined: another holds it, it is settled, or it is gone. */
  async acquire(id: string): Promise<Lease | undefined> {
    const run = await rowOf<RunRow>(db, ACQUIRE, [id, owner, ttlMs])
    return run && { run, token: run.lease_token }
  },

  /** False: lost to another, or given back. */
  extend: async (id: string, token: number): Promise<boolean> => (await rowOf(db, EXTEND, [id, token, ttlMs])) !== undefined,

  /** Gives it back, and says when the sweep should look again. A user's change meanwhile has asked for a look at once: that stays. */
  release: (id: string, token: number, lookInMs: number): Promise<unknown> => rowsOf(db, RELEASE, [id, token, lookInMs]),

  /** Runs whose time has come and that nobody holds, oldest first. */
  due: async (limit: number): Promise<readonly string[]> => (await rowsOf<{ id: string }>(db, DUE, [limit])).map(({ id }) => id),

  /** All runs that are not settled. */
  unsettled: async (): Promise<readonly string[]> => (await rowsOf<{ id: string }>(db, 'select id from run where not settled', [])).map(({ id }) => id),

  /** Only for a server that is alone on its database: the leases of its predecessor are nobody's. */
  dropAll: (): Promise<unknown> => rowsOf(db, 'update run set lease_until = null, look_at = clock_timestamp() where not settled', []),
})
export type LeaseRepo = ReturnType<typeof leaseRepo>
