import { type Kysely, sql } from 'kysely'

/** How whoever did something had proved who they are, and with which personal token. */
const STATEMENTS = [
  `alter table audit add column proof text, add column token text`,
  `create index audit_by_token on audit (token, id desc) where token is not null`,
] as const

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
