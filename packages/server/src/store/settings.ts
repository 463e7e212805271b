import type { Kysely } from 'kysely'
import type { DB } from './schema.ts'

export const settingRepo = (db: Kysely<DB>) => ({
  /** The stored value, or `initial` stored now; of several servers starting at once all get the same. */
  getOrSet: async (name: string, initial: string): Promise<string> => {
    await db
      .insertInto('setting')
      .values({ name, value: initial })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const { value } = await db.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirstOrThrow()
    return value
  },
})
