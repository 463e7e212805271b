import { type Kysely, type Selectable, sql } from 'kysely'
import { json } from './json.ts'
import type { DB, SessionTable, TicketTable } from './schema.ts'

export type SessionRow = Selectable<SessionTable>
export type TicketRow = Selectable<TicketTable>

export interface NewSession {
  readonly id: string
  readonly account: string
  readonly kind: SessionRow['kind']
  readonly token: string | undefined
  readonly claims: SessionRow['claims']
  readonly expires: Date
  readonly address: string
}

export interface NewTicket {
  readonly hash: Buffer
  readonly kind: TicketRow['kind']
  readonly session: string | undefined
  readonly detail: Readonly<Record<string, string>>
  readonly expires: Date
}

/** Logins, and the secrets that work once. */
export const sessionRepo = (db: Kysely<DB>) => ({
  open: ({ id, account, kind, token, claims, expires, address }: NewSession): Promise<unknown> =>
    db
      .insertInto('session')
      .values({ id, account, kind, token: token ?? null, claims: claims && json(claims), expires, address })
      .execute(),

  find: (id: string): Promise<SessionRow | undefined> => db.selectFrom('session').selectAll().where('id', '=', id).executeTakeFirst(),

  /** The logins of an account's clients that go on, newest first. */
  ofClients: (account: string): Promise<readonly SessionRow[]> =>
    db
      .selectFrom('session')
      .selectAll()
      .where('account', '=', account)
      .where('kind', '=', 'client')
      .where('expires', '>', sql<Date>`clock_timestamp()`)
      .orderBy('created', 'desc')
      .execute(),

  /** With all that was issued for it. Undefined: there is none. */
  close: (id: string): Promise<SessionRow | undefined> => db.deleteFrom('session').where('id', '=', id).returningAll().executeTakeFirst(),

  /** All logins of an account. */
  closeAll: (account: string): Promise<unknown> => db.deleteFrom('session').where('account', '=', account).execute(),

  issue: ({ hash, kind, session, detail, expires }: NewTicket): Promise<unknown> =>
    db
      .insertInto('ticket')
      .values({ hash, kind, session: session ?? null, detail: json(detail), expires, used: null })
      .execute(),

  /** Uses it up; of several at once one gets it. Undefined: unknown, over, or used before. */
  redeem: (kind: TicketRow['kind'], hash: Buffer): Promise<TicketRow | undefined> =>
    db
      .updateTable('ticket')
      .set({ used: sql<Date>`clock_timestamp()` })
      .where('hash', '=', hash)
      .where('kind', '=', kind)
      .where('used', 'is', null)
      .where('expires', '>', sql<Date>`clock_timestamp()`)
      .returningAll()
      .executeTakeFirst(),

  /** One that was used before. */
  findUsed: (kind: TicketRow['kind'], hash: Buffer): Promise<TicketRow | undefined> =>
    db.selectFrom('ticket').selectAll().where('hash', '=', hash).where('kind', '=', kind).where('used', 'is not', null).executeTakeFirst(),

  /** Removes what is over. */
  sweep: async (): Promise<void> => {
    await db.deleteFrom('ticket').where('expires', '<', sql<Date>`clock_timestamp()`).execute()
    await db.deleteFrom('session').where('expires', '<', sql<Date>`clock_timestamp()`).execute()
    await db.deleteFrom('login_failure').where('last', '<', sql<Date>`clock_timestamp() - interval '1 day'`).execute()
  },
})
