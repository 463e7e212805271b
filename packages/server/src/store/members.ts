import { randomUUID } from 'node:crypto'
import type { ProjectRole } from 'davit/contract'
import type { Kysely, Selectable } from 'kysely'
import type { DB, MemberTable } from './schema.ts'

export type MemberRow = Selectable<MemberTable>

/** Who has which role in which project. */
export const memberRepo = (db: Kysely<DB>) => ({
  list: (project: string): Promise<readonly MemberRow[]> =>
    db.selectFrom('member').selectAll().where('project', '=', project).orderBy('created').orderBy('id').execute(),

  find: (project: string, user: string): Promise<MemberRow | undefined> =>
    db.selectFrom('member').selectAll().where('project', '=', project).where('user_name', '=', user).executeTakeFirst(),

  of: (user: string): Promise<readonly MemberRow[]> => db.selectFrom('member').selectAll().where('user_name', '=', user).execute(),

  /** Gives a role, or changes it. */
  put: ({ project, user, role, by }: { project: string; user: string; role: ProjectRole; by: string }): Promise<MemberRow> =>
    db
      .insertInto('member')
      .values({ id: randomUUID().replaceAll('-', ''), project, user_name: user, role, granted_by: by })
      .onConflict((conflict) => conflict.columns(['project', 'user_name']).doUpdateSet({ role, granted_by: by }))
      .returningAll()
      .executeTakeFirstOrThrow(),

  /** Undefined: was no member. */
  remove: (project: string, user: string): Promise<MemberRow | undefined> =>
    db.deleteFrom('member').where('project', '=', project).where('user_name', '=', user).returningAll().executeTakeFirst(),

  /** In all projects: the name may be given to somebody else later. */
  forget: (user: string): Promise<unknown> => db.deleteFrom('member').where('user_name', '=', user).execute(),
})
