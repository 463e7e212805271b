import { type Kysely, sql } from 'kysely'

/** What an identity provider said at the login that a token was made in; the token ends no later than that login. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table token add column claims jsonb`.execute(db)
}
