import { type Kysely, type Selectable, sql } from 'kysely'
import type { AccountTable, DB } from './schema.ts'

export type UserRow = Selectable<AccountTable>

export interface NewUser {
  readonly name: string
  readonly kind: 'user' | 'service'
  readonly admin: boolean
  /** As `hashPassword` makes it. */
  readonly password?: string | undefined
  /** Who the identity provider says it is. */
  readonly issuer?: string | undefined
  readonly subject?: string | undefined
}

export const userRepo = (db: Kysely<DB>) => ({
  find: (name: string): Promise<UserRow | undefined> => db.selectFrom('account').selectAll().where('name', '=', name).executeTakeFirst(),

  /** Whom an identity provider means. */
  findSubject: (issuer: string, subject: string): Promise<UserRow | undefined> =>
    db.selectFrom('account').selectAll().where('issuer', '=', issuer).where('subject', '=', subject).executeTakeFirst(),

  /** Undefined: the name, or the subject, is taken. */
  insert: ({ name, kind, admin, password, issuer, subject }: NewUser): Promise<UserRow | undefined> =>
    db
      .insertInto('account')
      .values({ name, kind, admin, password: password ?? null, issuer: issuer ?? null, subject: subject ?? null })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst(),

  list: (): Promise<readonly UserRow[]> => db.selectFrom('account').selectAll().orderBy('name').execute(),

  isEmpty: async (): Promise<boolean> => (await db.selectFrom('account').select('name').limit(1).execute()).length === 0,

  countAdmins: async (): Promise<number> => (await db.selectFrom('account').select('name').where('admin', '=', true).forUpdate().execute()).length,

  setPassword: (name: string, password: string): Promise<UserRow | undefined> =>
    db.updateTable('account').set({ password }).where('name', '=', name).returningAll().executeTakeFirst(),

  setAdmin: (name: string, admin: boolean): Promise<UserRow | undefined> =>
    db.updateTable('account').set({ admin }).where('name', '=', name).returningAll().executeTakeFirst(),

  /** Written once a minute at most. */
  seen: (name: string): Promise<unknown> =>
    db
      .updateTable('account')
      .set({ last_seen: sql<Date>`clock_timestamp()` })
      .where('name', '=', name)
      .where((eb) => eb.or([eb('last_seen', 'is', null), eb('last_seen', '<', sql<Date>`clock_timestamp() - interval '1 minute'`)]))
      .execute(),

  /** With its tokens and logins. */
  delete: (name: string): Promise<UserRow | undefined> => db.deleteFrom('account').where('name', '=', name).returningAll().executeTakeFirst(),
})
