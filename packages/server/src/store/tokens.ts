import type { ProjectRole } from 'davit/contract'
import { type Kysely, type Selectable, sql } from 'kysely'
import { json } from './json.ts'
import type { DB, ProviderClaims, TokenTable } from './schema.ts'

export type TokenRow = Selectable<TokenTable>

export interface NewToken {
  readonly id: string
  readonly account: string
  readonly name: string
  readonly hash: Buffer
  readonly hint: string
  readonly projects: readonly string[] | undefined
  readonly verbs: readonly string[] | undefined
  readonly expires: Date | undefined
  readonly claims?: ProviderClaims | undefined
}

/** What an account may, as one row: itself, its roles, and the limits of the token that stands for it. */
export interface Grant {
  readonly name: string
  readonly admin: boolean
  readonly roles: Readonly<Record<string, ProjectRole>>
  readonly token: string | null
  readonly projects: readonly string[] | null
  readonly verbs: readonly string[] | null
  /** Undefined claims: no identity provider was asked. */
  readonly claims: ProviderClaims | null
  readonly session: string | null
  readonly expires: Date | null
}

const ROLES_OF_ACCOUNT = sql`(select coalesce(jsonb_object_agg(m.project, m.role), '{}') from member m where m.user_name = a.name) as roles`

export const tokenRepo = (db: Kysely<DB>) => ({
  insert: ({ id, account, name, hash, hint, projects, verbs, expires, claims }: NewToken): Promise<TokenRow> =>
    db
      .insertInto('token')
      .values({
        id,
        account,
        name,
        hash,
        hint,
        projects: projects ? json(projects) : null,
        verbs: verbs ? json(verbs) : null,
        expires: expires ?? null,
        claims: claims ? json(claims) : null,
        last_used: null,
        last_address: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow(),

  list: (account: string): Promise<readonly TokenRow[]> =>
    db.selectFrom('token').selectAll().where('account', '=', account).orderBy('created').orderBy('id').execute(),

  find: (account: string, id: string): Promise<TokenRow | undefined> =>
    db.selectFrom('token').selectAll().where('account', '=', account).where('id', '=', id).executeTakeFirst(),

  /** Every login that stood for it ends too. Undefined: there is none. */
  delete: (account: string, id: string): Promise<TokenRow | undefined> =>
    db.deleteFrom('token').where('account', '=', account).where('id', '=', id).returningAll().executeTakeFirst(),

  /** Undefined: no such token, or its time is over. */
  grantOf: (hash: Buffer): Promise<Grant | undefined> =>
    sql<Grant>`select a.name, a.admin, ${ROLES_OF_ACCOUNT}, t.id as token, t.projects, t.verbs, t.claims, null as session, t.expires
      from token t join account a on a.name = t.account
      where t.hash = ${hash} and (t.expires is null or t.expires > clock_timestamp())`
      .execute(db)
      .then(({ rows }) => rows[0]),

  /** Of an account itself. */
  grantOfAccount: (name: string): Promise<Grant | undefined> =>
    sql<Grant>`select a.name, a.admin, ${ROLES_OF_ACCOUNT}, null as token, null as projects, null as verbs, null as claims, null as session, null as expires
      from account a where a.name = ${name}`
      .execute(db)
      .then(({ rows }) => rows[0]),

  /** Of a login that goes on: with the limits of the token that it was made with. */
  grantOfSession: (id: string, kind: 'browser' | 'client'): Promise<Grant | undefined> =>
    sql<Grant>`select a.name, a.admin, ${ROLES_OF_ACCOUNT}, t.id as token, t.projects, t.verbs, coalesce(s.claims, t.claims) as claims, s.id as session, least(s.expires, t.expires) as expires
      from session s join account a on a.name = s.account left join token t on t.id = s.token
      where s.id = ${id} and s.kind = ${kind} and s.expires > clock_timestamp() and (t.expires is null or t.expires > clock_timestamp())`
      .execute(db)
      .then(({ rows }) => rows[0]),

  /** Written once a minute at most. */
  used: (id: string, address: string): Promise<unknown> =>
    db
      .updateTable('token')
      .set({ last_used: sql<Date>`clock_timestamp()`, last_address: address })
      .where('id', '=', id)
      .where((eb) => eb.or([eb('last_used', 'is', null), eb('last_used', '<', sql<Date>`clock_timestamp() - interval '1 minute'`)]))
      .execute(),
})
