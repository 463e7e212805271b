import type { Kysely, Selectable } from 'kysely'
import type { DB, ShareTable } from './schema.ts'

export type ShareRow = Selectable<ShareTable>

export const shareRepo = (db: Kysely<DB>) => ({
  of: (project: string): Promise<readonly ShareRow[]> =>
    db.selectFrom('project_share').selectAll().where('project', '=', project).orderBy('issued').orderBy('id').execute(),

  /** The share with a user; the one that is there, if there is one. */
  async put(share: Pick<ShareRow, 'id' | 'project' | 'user_name' | 'owner'>): Promise<ShareRow> {
    await db
      .insertInto('project_share')
      .values(share)
      .onConflict((conflict) => conflict.columns(['project', 'user_name']).doNothing())
      .execute()
    return db.selectFrom('project_share').selectAll().where('project', '=', share.project).where('user_name', '=', share.user_name).executeTakeFirstOrThrow()
  },

  /** By its id, else by its user; gives what was removed. */
  delete: (project: string, which: { readonly id: string } | { readonly user: string }): Promise<readonly ShareRow[]> => {
    const query = db.deleteFrom('project_share').where('project', '=', project)
    return ('id' in which ? query.where('id', '=', which.id) : query.where('user_name', '=', which.user)).returningAll().execute()
  },
})
