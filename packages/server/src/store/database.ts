import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import * as initial from './migrations/0001-initial.ts'
import * as auth from './migrations/0002-auth.ts'
import * as runCounts from './migrations/0004-run-counts.ts'
import * as metricsEvents from './migrations/0003-metrics-events.ts'
import * as tokenClaims from './migrations/0005-token-claims.ts'
import * as auditProof from './migrations/0006-audit-proof.ts'
import { preparingPool } from './prepared.ts'
import type { DB } from './schema.ts'

/** How to reach PostgreSQL: a URL, or the socket folder of the embedded one. */
export type Connection = { readonly url: string } | { readonly host: string; readonly port: number; readonly user: string; readonly database: string }

const MIGRATIONS = {
  '0001-initial': { up: initial.up },
  '0002-auth': { up: auth.up },
  '0003-metrics-events': { up: metricsEvents.up },
  '0004-run-counts': { up: runCounts.up },
  '0005-token-claims': { up: tokenClaims.up },
  '0006-audit-proof': { up: auditProof.up },
} as const

// Byte offsets and counters fit a double; as text they would have to be converted at every use.
const types = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

export const clientConfig = (connection: Connection): pg.ClientConfig =>
  'url' in connection
    ? { connectionString: connection.url, types }
    : { host: connection.host, port: connection.port, user: connection.user, database: connection.database, types }

export interface Database {
  readonly db: Kysely<DB>
  readonly connection: Connection
  /** Brings the schema up to date. Safe when several servers do it at once. Throws what PostgreSQL says. */
  migrate(): Promise<void>
  version(): Promise<string>
  close(): Promise<void>
}

export interface PoolOptions {
  readonly maxConnections: number
  readonly onError: (error: Error) => void
  /** How long a connection that nobody uses stays open, in ms. Default: 30 000. */
  readonly idleMs?: number
}

/** Opens a pool; connects at the first query. A lost connection is an error of that query only: the pool makes a new one. */
export function openDatabase(connection: Connection, { maxConnections, onError, idleMs = 30_000 }: PoolOptions): Database {
  const pool = new pg.Pool({
    ...clientConfig(connection),
    max: maxConnections,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: idleMs,
    statement_timeout: 60_000,
  })
  pool.on('error', onError)
  // The pool listens to idle clients only; one that breaks in the middle of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', onError))
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool: preparingPool(pool) }) })
  return {
    db,
    connection,
    async migrate() {
      const { error } = await new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } }).migrateToLatest()
      if (error) throw error instanceof Error ? error : new Error('a migration failed', { cause: error })
    },
    async version() {
      const { rows } = await sql<{ server_version: string }>`show server_version`.execute(db)
      return rows[0]?.server_version ?? 'unknown'
    },
    close: () => db.destroy(),
  }
}
