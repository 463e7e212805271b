import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { type EmbeddedPostgres, type PostgresConnection, startPostgres } from '#postgres/start-postgres.ts'
import { silentLog } from '#supervise/log.ts'
import { type Database, openDatabase } from '../database.ts'

const TEMPLATE = 'davit_template'
/** The databases of all tests of a file stay open to its end, and share the connections of one PostgreSQL: what is idle is given back soon. */
const IDLE_MS = 1000

/** One query on a connection of its own. */
export const ask = async <T extends pg.QueryResultRow>(connection: PostgresConnection, sql: string): Promise<T[]> => {
  const client = new pg.Client({ ...connection })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

export interface DatabasesForTests {
  /** A new database: with our schema, or with nothing. Closed at the end of the file. */
  fresh(content?: 'migrated' | 'empty'): Promise<Database>
  /** A second server's view of the same database. */
  again(database: Database): Database
  /** Opens the connection of a database, as `pg` takes it. */
  connectionOf(database: Database): PostgresConnection
}

/**
 * A real PostgreSQL for the tests of one file, in a temporary folder that goes with it, also after failures. Databases are copies of
 * a template that was migrated once. Call at the top of the file; use inside tests and hooks.
 */
export function databasesForTests(): DatabasesForTests {
  const opened: Database[] = []
  let folder = ''
  let postgres: EmbeddedPostgres | undefined
  let count = 0
  const running = (): EmbeddedPostgres => {
    if (!postgres) throw new Error('PostgreSQL is not started yet: use it inside tests and hooks')
    return postgres
  }
  const open = (connection: PostgresConnection): Database => {
    const database = openDatabase(connection, { maxConnections: 10, onError: () => undefined, idleMs: IDLE_MS })
    opened.push(database)
    return database
  }
  const connectionOf = ({ connection }: Database): PostgresConnection => {
    if ('url' in connection) throw new Error('databases of tests are reached by a socket')
    return connection
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'davit-db-'))
    await chmod(folder, 0o755) // as root the database runs under another account
    postgres = await startPostgres({ dir: join(folder, 'pg'), cacheDir: join(folder, 'cache'), log: silentLog })
    await ask(postgres.connection, `create database ${TEMPLATE}`)
    const template = openDatabase({ ...postgres.connection, database: TEMPLATE }, { maxConnections: 1, onError: () => undefined })
    try {
      await template.migrate()
    } finally {
      await template.close()
    }
  })
  afterAll(async () => {
    await Promise.allSettled(opened.map((database) => database.close()))
    await postgres?.stop()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    connectionOf,
    again: (database) => open(connectionOf(database)),
    fresh: async (content = 'migrated') => {
      const { connection } = running()
      const database = `test_${++count}`
      await ask(connection, `create database ${database} template ${content === 'migrated' ? TEMPLATE : 'template0'}`)
      return open({ ...connection, database })
    },
  }
}
