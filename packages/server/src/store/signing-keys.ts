import { type Kysely, type Selectable, sql } from 'kysely'
import { json } from './json.ts'
import type { DB, SigningKeyTable } from './schema.ts'

export type SigningKeyRow = Selectable<SigningKeyTable>

export interface NewSigningKey {
  readonly kid: string
  readonly publicJwk: Record<string, unknown>
  readonly sealed: Buffer
}

/** The keys that tokens are signed with, the same for all servers on a database. */
export const signingKeyRepo = (db: Kysely<DB>) => ({
  /** Newest first. */
  list: (): Promise<readonly SigningKeyRow[]> => db.selectFrom('signing_key').selectAll().orderBy('created', 'desc').orderBy('kid').execute(),

  insert: ({ kid, publicJwk, sealed }: NewSigningKey): Promise<SigningKeyRow> =>
    db
      .insertInto('signing_key')
      .values({ kid, public_jwk: json(publicJwk), sealed, retired: null })
      .returningAll()
      .executeTakeFirstOrThrow(),

  /** All but this one sign no more. What they signed stays good until it is over. */
  retireOthers: (kid: string): Promise<unknown> =>
    db.updateTable('signing_key').set({ retired: sql<Date>`clock_timestamp()` }).where('kid', '!=', kid).where('retired', 'is', null).execute(),

  /** Compare-and-set: false when somebody else changed it meanwhile. */
  reseal: async (kid: string, from: Buffer, to: Buffer): Promise<boolean> => {
    const { numUpdatedRows } = await db
      .updateTable('signing_key')
      .set({ sealed: to })
      .where('kid', '=', kid)
      .where('sealed', '=', from)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  },

  /** Those whose last token is over. */
  sweep: (keptS: number): Promise<unknown> =>
    db.deleteFrom('signing_key').where('retired', '<', sql<Date>`clock_timestamp() - ${keptS} * interval '1 second'`).execute(),
})
