import type { Metadata } from 'davit/contract'
import { type Kysely, type Selectable, sql, type SqlBool } from 'kysely'
import { type CommonFilters, commonConditions, type Listed, like, listRows, type Paging, stateCondition } from './list.ts'
import { json } from './json.ts'
import type { DB, ProjectTable } from './schema.ts'
import { rowOf } from './statement.ts'

export type ProjectRow = Selectable<ProjectTable>

export interface NewProject {
  readonly name: string
  readonly user: string
  readonly metadata: Metadata
  readonly spec: Record<string, unknown>
}

export const projectRepo = (db: Kysely<DB>) => ({
  find: (name: string): Promise<ProjectRow | undefined> => rowOf(db, 'select * from project where id = $1', [name]),

  /** The row, kept from being deleted until the transaction ends. */
  hold: (name: string): Promise<ProjectRow | undefined> => rowOf(db, 'select * from project where id = $1 for share', [name]),

  /** The row, held alone: nothing can be made in the project any more until the transaction ends. */
  claim: (name: string): Promise<ProjectRow | undefined> => db.selectFrom('project').selectAll().where('id', '=', name).forUpdate().executeTakeFirst(),

  /** Undefined: the name is taken. Decided by the database, so that of two at once exactly one wins. */
  insert: ({ name, user, metadata, spec }: NewProject): Promise<ProjectRow | undefined> =>
    db
      .insertInto('project')
      .values({ id: name, name, project: name, kind: 'project', user_name: user, updated_by: user, metadata: json(metadata), spec: json(spec) })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst(),

  update: (name: string, { user, metadata, spec }: Omit<NewProject, 'name'>): Promise<ProjectRow | undefined> =>
    db
      .updateTable('project')
      .set({ metadata: json(metadata), spec: json(spec), updated_by: user, updated: sql`clock_timestamp()` })
      .where('id', '=', name)
      .returningAll()
      .executeTakeFirst(),

  delete: (name: string): Promise<unknown> => db.deleteFrom('project').where('id', '=', name).execute(),

  /** Those with these names, or all. */
  list: (filters: CommonFilters, paging: Paging, names: 'all' | readonly string[] = 'all'): Promise<Listed<ProjectRow>> =>
    listRows(db, {
      from: sql`project`,
      where: [
        ...commonConditions(filters),
        ...stateCondition(filters.state),
        ...(filters.name ? [sql<SqlBool>`name like ${like(filters.name)}`] : []),
        ...(names === 'all' ? [] : [sql<SqlBool>`name = any(${names})`]),
      ],
      order: { column: 'name', direction: 'asc' },
      paging,
    }),
})
