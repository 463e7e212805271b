import type { Metric, Metrics } from 'davit/contract'
import { type Kysely, sql } from 'kysely'
import { json } from './json.ts'
import type { DB } from './schema.ts'

export const metricRepo = (db: Kysely<DB>) => ({
  /** Without a prototype: a metric may be called constructor. */
  of: async (run: string): Promise<Metrics> => {
    const rows = await db.selectFrom('run_metric').select(['name', 'value']).where('run', '=', run).orderBy('name').execute()
    return Object.assign(Object.create(null) as Metrics, Object.fromEntries(rows.map(({ name, value }) => [name, value])))
  },

  find: async (run: string, name: string): Promise<Metric | undefined> =>
    (await db.selectFrom('run_metric').select('value').where('run', '=', run).where('name', '=', name).executeTakeFirst())?.value,

  /** True: it is the first value of that name. */
  put: async (run: string, name: string, value: Metric): Promise<boolean> => {
    const { first } = await db
      .insertInto('run_metric')
      .values({ run, name, value: json(value) })
      .onConflict((conflict) => conflict.columns(['run', 'name']).doUpdateSet({ value: json(value) }))
      .returning(sql<boolean>`xmax = 0`.as('first'))
      .executeTakeFirstOrThrow()
    return first
  },
})
