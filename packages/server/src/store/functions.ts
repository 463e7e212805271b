import type { FunctionSpec, Metadata } from 'davit/contract'
import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import { json } from './json.ts'
import { type CommonFilters, commonConditions, inProjects, type Listed, like, listRows, type Paging, type Projects, stateCondition } from './list.ts'
import type { DB, FunctionTable } from './schema.ts'
import { rowOf } from './statement.ts'

export type FunctionRow = Selectable<FunctionTable>

export interface NewFunction {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly project: string
  readonly user: string
  readonly metadata: Metadata
  readonly spec: FunctionSpec
  readonly extraStatus: Record<string, unknown>
}

export interface FunctionFilters extends CommonFilters {
  /** Part of the id or the name. */
  readonly q?: string | undefined
  /** Each must be found in one of the metadata labels. */
  readonly labels?: readonly string[]
  readonly versions?: 'latest' | 'all' | undefined
}

// The newest row of each name; `created` is the server's, so imports cannot reorder versions.
const LATEST = (projects: Projects) => {
  const where = sql.join([sql`true`, ...inProjects(projects)], sql` and `)
  return sql`(select distinct on (project, name) * from function where ${where} order by project, name, created desc, id desc) as latest`
}

const conditionsOf = (projects: Projects, filters: FunctionFilters) => [
  ...inProjects(projects),
  ...commonConditions(filters),
  ...(filters.name ? [sql<SqlBool>`name = ${filters.name}`] : []),
  ...(filters.q ? [sql<SqlBool>`(name like ${like(filters.q)} or id like ${like(filters.q)})`] : []),
  ...stateCondition(filters.state),
  ...(filters.labels ?? []).map(
    (label) => sql<SqlBool>`exists (select from jsonb_array_elements_text(coalesce(metadata->'labels', '[]')) as label where label like ${like(label)})`,
  ),
]

export const functionRepo = (db: Kysely<DB>) => ({
  find: (project: string, id: string): Promise<FunctionRow | undefined> => rowOf(db, 'select * from function where project = $1 and id = $2', [project, id]),

  /** The newest version. */
  latest: (project: string, name: string): Promise<FunctionRow | undefined> =>
    db
      .selectFrom('function')
      .selectAll()
      .where('project', '=', project)
      .where('name', '=', name)
      .orderBy('created', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst(),

  /** The newest version of each name. */
  latestOfAll: (project: string): Promise<readonly FunctionRow[]> =>
    sql<FunctionRow>`select * from ${LATEST(project)} order by name`.execute(db).then(({ rows }) => rows),

  /** Undefined: the id is taken. */
  insert: ({ id, kind, name, project, user, metadata, spec, extraStatus }: NewFunction): Promise<FunctionRow | undefined> =>
    db
      .insertInto('function')
      .values({ id, kind, name, project, user_name: user, updated_by: user, metadata: json(metadata), spec: json(spec), extra_status: json(extraStatus) })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst(),

  /** A version's spec never changes; what describes it may. What is not given stays. */
  describe: (
    project: string,
    id: string,
    { user, metadata, extraStatus }: { user: string; metadata: Metadata | undefined; extraStatus?: Record<string, unknown> | undefined },
  ): Promise<FunctionRow | undefined> =>
    db
      .updateTable('function')
      .set({
        ...(metadata && { metadata: json(metadata) }),
        ...(extraStatus && { extra_status: json(extraStatus) }),
        updated_by: user,
        updated: sql`clock_timestamp()`,
      })
      .where('project', '=', project)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst(),

  /** Deletes one version, or all of a name, or all of a project; gives what was deleted. */
  delete: (project: string, which: { readonly id?: string; readonly name?: string }): Promise<readonly FunctionRow[]> => {
    let query = db.deleteFrom('function').where('project', '=', project)
    if (which.id !== undefined) query = query.where('id', '=', which.id)
    if (which.name !== undefined) query = query.where('name', '=', which.name)
    return query.returningAll().execute()
  },

  list: (projects: Projects, filters: FunctionFilters, paging: Paging): Promise<Listed<FunctionRow>> =>
    listRows(db, {
      from: filters.versions === 'all' ? sql`function` : LATEST(projects),
      where: conditionsOf(projects, filters),
      order: { column: 'created', direction: 'desc' },
      paging,
    }),
})
