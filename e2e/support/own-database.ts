import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EmbeddedPostgres, type PostgresConnection, startPostgres } from '../../packages/server/src/postgres/start-postgres.ts'
import { ask } from '../../packages/server/src/store/testing/database-for-tests.ts'
import { silentLog } from '../../packages/server/src/supervise/log.ts'
import { cacheFolder } from '../../testbed/images/index.ts'
import { closeFolder, newFolder } from './house.ts'

/** A PostgreSQL of the test's own, into which it can look while a server uses it. */
export interface OwnDatabase {
  readonly connection: PostgresConnection
  /** By which a server is told of it. */
  readonly flags: readonly string[]
  /** Every row of every table, as text. */
  dump(): Promise<string>
  /** What PostgreSQL itself wrote. */
  log(): string
  close(): Promise<void>
}

const urlOf = ({ user, host, port, database }: PostgresConnection): string =>
  `postgresql://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`

async function dump(connection: PostgresConnection): Promise<string> {
  const tables = await ask<{ name: string }>(connection, "select table_name as name from information_schema.tables where table_schema = 'public'")
  const rows: string[] = []
  for (const { name } of tables)
    rows.push(...(await ask<{ row: string }>(connection, `select t::text as row from "${name}" t`)).map(({ row }) => `${name} ${row}`))
  return rows.join('\n')
}

export async function startOwnDatabase(): Promise<OwnDatabase> {
  const folder = await newFolder()
  let postgres: EmbeddedPostgres | undefined
  const close = async (): Promise<void> => {
    await postgres?.stop()
    await closeFolder(folder)
  }
  try {
    postgres = await startPostgres({ dir: join(folder, 'postgres'), cacheDir: cacheFolder(), log: silentLog })
  } catch (error) {
    await close()
    throw error
  }
  const { connection } = postgres
  return {
    connection,
    flags: ['--database', urlOf(connection)],
    dump: () => dump(connection),
    log: () => readFileSync(join(folder, 'postgres', 'postgres.log'), 'utf8'),
    close,
  }
}
