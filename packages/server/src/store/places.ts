import type { Kysely } from 'kysely'
import type { DB } from './schema.ts'

/** What lies in projects. */
export type Placed = 'function' | 'task' | 'run' | 'secret'

/** Where entities are, for callers who know an id alone. */
export const placeRepo = (db: Kysely<DB>) => ({
  projectOf: async (entity: Placed, id: string): Promise<string | undefined> =>
    (await db.selectFrom(entity).select('project').where('id', '=', id).executeTakeFirst())?.project,
})
