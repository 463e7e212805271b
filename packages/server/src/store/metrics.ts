import type { Metric, Metrics } from 'davit/contract'
import { type Kysely, sql } from 'kysely'
import { json } from './json.ts'
import type { DB } from './schema.ts'
import { rowsOf } from './statement.ts'

interface MetricRow {
  readonly run: string
  readonly name: string
  readonly value: Metric
}

/** Without a prototype: a metric may be called constructor. */
const metricsOf = (rows: readonly MetricRow[]): Metrics =>
  Object.assign(Object.create(null) as Metrics, Object.fromEntries(rows.map(({ name, value }) => [name, value])))

const ofMany = async (db: Kysely<DB>, runs: readonly string[]): Promise<ReadonlyMap<string, Metrics>> => {
  const rows = await rowsOf<MetricRow>(db, 'select run, name, value from run_metric where run = any($1) order by run, name', [runs])
  return new Map([...Map.groupBy(rows, ({ run }) => run)].map(([run, own]) => [run, metricsOf(own)]))
}

export const metricRepo = (db: Kysely<DB>) => ({
  of: async (run: string): Promise<Metrics> => (await ofMany(db, [run])).get(run) ?? metricsOf([]),

  /** Of those runs that measured something. */
  ofMany: (runs: readonly string[]): Promise<ReadonlyMap<string, Metrics>> => ofMany(db, runs),

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
