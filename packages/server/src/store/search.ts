import type { Metadata, Searched } from 'davit/contract'
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import { type Listed, listRows, type Paging } from './list.ts'
import type { DB } from './schema.ts'

export interface FoundRow {
  readonly type: Searched
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly project: string
  readonly user_name: string
  readonly metadata: Metadata
  readonly created: Date
  readonly updated: Date
  readonly updated_by: string
  readonly state: string
}

export interface SearchTerms {
  /** Words, each of which is in the id, name, description or a label. */
  readonly words: readonly string[]
  readonly types: readonly Searched[] | undefined
  readonly kind: string | undefined
  /** Parts of texts, whatever the case. */
  readonly name: string | undefined
  readonly description: string | undefined
  /** Whole labels, all of them. */
  readonly labels: readonly string[]
  readonly created: Range | undefined
  readonly updated: Range | undefined
}
export interface Range {
  readonly from: Date | undefined
  readonly to: Date | undefined
}

const COLUMNS = sql.raw('id, kind, name, project, user_name, metadata, created, updated, updated_by')
const LATEST = (project: string) => sql`(select distinct on (name) * from function where project = ${project} order by name, created desc, id desc)`
const ENTITIES = {
  function: (project) => sql`select 'function' as type, ${COLUMNS}, 'CREATED' as state from ${LATEST(project)} as latest`,
  task: (project) => sql`select 'task' as type, ${COLUMNS}, 'CREATED' as state from task where project = ${project}`,
  run: (project) => sql`select 'run' as type, ${COLUMNS}, state from run where project = ${project}`,
  secret: (project) => sql`select 'secret' as type, ${COLUMNS}, 'CREATED' as state from secret where project = ${project}`,
} as const satisfies Record<Searched, (project: string) => RawBuilder<unknown>>
const TYPES = Object.keys(ENTITIES) as readonly Searched[]

const holds = (column: RawBuilder<unknown>, text: string) => sql<SqlBool>`${column} ilike ${`%${text.replace(/[\\%_]/g, '\\$&')}%`}`
const LABELS = sql`jsonb_path_query(metadata, '$.labels[*]')#>>'{}'`
const text = (name: string) => sql`coalesce(metadata->>${name}, '')`

const rangeConditions = (column: RawBuilder<unknown>, { from, to }: Range) => [
  ...(from ? [sql<SqlBool>`${column} >= ${from}`] : []),
  ...(to ? [sql<SqlBool>`${column} <= ${to}`] : []),
]

const conditionsOf = ({ words, kind, name, description, labels, created, updated }: SearchTerms) => [
  ...words.map(
    (word) =>
      sql<SqlBool>`(${holds(sql`name`, word)} or ${holds(sql`id`, word)} or ${holds(text('description'), word)} or exists (select from (select ${LABELS} as label) as labels where ${holds(sql`label`, word)}))`,
  ),
  ...(kind === undefined ? [] : [sql<SqlBool>`kind = ${kind}`]),
  ...(name === undefined ? [] : [sql<SqlBool>`(${holds(sql`name`, name)} or ${holds(text('name'), name)})`]),
  ...(description === undefined ? [] : [holds(text('description'), description)]),
  ...labels.map((label) => sql<SqlBool>`exists (select from (select ${LABELS} as label) as labels where label = ${label})`),
  ...(created ? rangeConditions(sql`created`, created) : []),
  ...(updated ? rangeConditions(sql`updated`, updated) : []),
]

export const searchRepo = (db: Kysely<DB>) => ({
  /** What fits all terms, of functions their latest version; last changed first. */
  find: (project: string, terms: SearchTerms, paging: Paging): Promise<Listed<FoundRow>> =>
    listRows<FoundRow>(db, {
      from: sql`(${sql.join(
        (terms.types ?? TYPES).map((type) => ENTITIES[type](project)),
        sql` union all `,
      )}) as found`,
      where: conditionsOf(terms),
      order: { column: 'updated', direction: 'desc' },
      paging,
    }),
})
