import type { Metadata } from 'davit/contract'
import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import { json } from './json.ts'
import { type CommonFilters, commonConditions, inProjects, type Listed, listRows, type Paging, type Projects, stateCondition } from './list.ts'
import type { DB, SecretTable } from './schema.ts'

export type SecretRow = Selectable<SecretTable>

export interface NewSecret {
  readonly id: string
  readonly name: string
  readonly project: string
  readonly user: string
  readonly metadata: Metadata
  readonly spec: Record<string, unknown>
}

export const secretRepo = (db: Kysely<DB>) => ({
  find: (project: string, id: string): Promise<SecretRow | undefined> =>
    db.selectFrom('secret').selectAll().where('project', '=', project).where('id', '=', id).executeTakeFirst(),

  named: (project: string, names: readonly string[]): Promise<readonly SecretRow[]> =>
    names.length === 0 ? Promise.resolve([]) : db.selectFrom('secret').selectAll().where('project', '=', project).where('name', 'in', names).execute(),

  /** Undefined: id or name is taken. */
  insert: ({ id, name, project, user, metadata, spec }: NewSecret): Promise<SecretRow | undefined> =>
    db
      .insertInto('secret')
      .values({ id, name, project, kind: 'secret', user_name: user, updated_by: user, metadata: json(metadata), spec: json(spec), sealed: null })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst(),

  /** Stores an encrypted value. False: no such secret. */
  setSealed: async (project: string, name: string, sealed: Buffer): Promise<boolean> => {
    const { numUpdatedRows } = await db
      .updateTable('secret')
      .set({ sealed, updated: sql`clock_timestamp()` })
      .where('project', '=', project)
      .where('name', '=', name)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  },

  /** Those with a value, in the order of their ids, after one. */
  sealedAfter: (id: string, limit: number): Promise<readonly SecretRow[]> =>
    db.selectFrom('secret').selectAll().where('sealed', 'is not', null).where('id', '>', id).orderBy('id').limit(limit).execute(),

  /** Compare-and-set: false when it was given another value, or deleted, meanwhile. */
  reseal: async (id: string, from: Buffer, to: Buffer): Promise<boolean> => {
    const { numUpdatedRows } = await db.updateTable('secret').set({ sealed: to }).where('id', '=', id).where('sealed', '=', from).executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  },

  /** One secret, or all of the project; gives the names. */
  delete: (project: string, which: { readonly id: string } | 'all'): Promise<readonly { name: string }[]> => {
    const query = db.deleteFrom('secret').where('project', '=', project)
    return (which === 'all' ? query : query.where('id', '=', which.id)).returning('name').execute()
  },

  list: (projects: Projects, paging: Paging, filters: CommonFilters = {}): Promise<Listed<SecretRow>> =>
    listRows(db, {
      from: sql`secret`,
      where: [
        ...inProjects(projects),
        ...commonConditions(filters),
        ...stateCondition(filters.state),
        ...(filters.name ? [sql<SqlBool>`name = ${filters.name}`] : []),
      ],
      order: { column: 'name', direction: 'asc' },
      paging,
    }),

  /** What describes a secret; its name and value stay. */
  describe: (project: string, id: string, { user, metadata }: { user: string; metadata: Metadata }): Promise<SecretRow | undefined> =>
    db
      .updateTable('secret')
      .set({ metadata: json(metadata), updated_by: user, updated: sql`clock_timestamp()` })
      .where('project', '=', project)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst(),
})
