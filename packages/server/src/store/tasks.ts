import type { Metadata, TaskSpec } from 'davit/contract'
import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import { json } from './json.ts'
import { type CommonFilters, commonConditions, inProjects, type Listed, listRows, type Paging, type Projects, stateCondition } from './list.ts'
import type { DB, TaskTable } from './schema.ts'
import { rowOf } from './statement.ts'

export type TaskRow = Selectable<TaskTable>

export interface NewTask {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly project: string
  readonly user: string
  readonly metadata: Metadata
  readonly spec: TaskSpec
}

export interface TaskFilters extends CommonFilters {
  readonly function?: string | undefined
  /** Nothing here is of a workflow. */
  readonly workflow?: string | undefined
}

export const taskRepo = (db: Kysely<DB>) => ({
  find: (project: string, id: string): Promise<TaskRow | undefined> => rowOf(db, 'select * from task where project = $1 and id = $2', [project, id]),

  /** Undefined: the id is taken, or the function version has a task of this kind. */
  insert: ({ id, kind, name, project, user, metadata, spec }: NewTask): Promise<TaskRow | undefined> =>
    db
      .insertInto('task')
      .values({ id, kind, name, project, user_name: user, updated_by: user, metadata: json(metadata), function_ref: spec.function, spec: json(spec) })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst(),

  update: (project: string, id: string, { user, metadata, spec }: Pick<NewTask, 'user' | 'metadata' | 'spec'>): Promise<TaskRow | undefined> =>
    db
      .updateTable('task')
      .set({ metadata: json(metadata), spec: json(spec), updated_by: user, updated: sql`clock_timestamp()` })
      .where('project', '=', project)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst(),

  delete: async (project: string, id: string): Promise<boolean> => {
    const { numDeletedRows } = await db.deleteFrom('task').where('project', '=', project).where('id', '=', id).executeTakeFirstOrThrow()
    return numDeletedRows > 0n
  },

  /** The tasks of these function versions, or all of the project. */
  deleteOf: (project: string, functionRefs: readonly string[] | 'all'): Promise<unknown> => {
    const query = db.deleteFrom('task').where('project', '=', project)
    return functionRefs === 'all' ? query.execute() : functionRefs.length > 0 ? query.where('function_ref', 'in', functionRefs).execute() : Promise.resolve()
  },

  list: (projects: Projects, filters: TaskFilters, paging: Paging): Promise<Listed<TaskRow>> =>
    listRows(db, {
      from: sql`task`,
      where: [
        ...inProjects(projects),
        ...commonConditions(filters),
        ...stateCondition(filters.state),
        ...(filters.name ? [sql<SqlBool>`name = ${filters.name}`] : []),
        ...(filters.function ? [sql<SqlBool>`function_ref = ${filters.function}`] : []),
        ...(filters.workflow ? [sql<SqlBool>`false`] : []),
      ],
      order: { column: 'created', direction: 'desc' },
      paging,
    }),
})
