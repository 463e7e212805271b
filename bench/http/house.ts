import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startPostgres } from '../../packages/server/src/postgres/start-postgres.ts'
import { silentLog } from '../../packages/server/src/supervise/log.ts'
import { cacheFolder } from '../../testbed/images/index.ts'
import { startServer } from '../../tools/davit-server.ts'
import type { BenchContext } from '../bench.ts'

export interface HttpHouse {
  /** Davit on the memory engine. */
  readonly davit: string
  /** The bare handlers, a process of their own on the same database. */
  readonly bare: string
  readonly databaseUrl: string
  /** Stops both, so that others can have the database. */
  leave(): Promise<void>
}

const startBare = async (databaseUrl: string): Promise<{ readonly url: string; stop(): Promise<void> }> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-server.ts'), databaseUrl], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => [''])])
  const url = /^ready (\S+)/.exec(String(line))?.[1]
  if (url === undefined) throw new Error('the bare server did not start')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
  }
  return { url, stop }
}

/** A PostgreSQL, a Davit and a bare server on it, for as long as `work` takes. */
export const inHttpHouse = async <T>({ folder, signal }: BenchContext, work: (house: HttpHouse) => Promise<T>): Promise<T> => {
  await using stack = new AsyncDisposableStack()
  const postgres = await startPostgres({ dir: join(folder, 'pg'), cacheDir: cacheFolder(), log: silentLog, signal })
  stack.defer(() => postgres.stop())
  const { host, port, user, database } = postgres.connection
  const databaseUrl = `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
  const data = join(folder, 'data')
  await mkdir(data)
  const server = await startServer({ data, flags: ['--engine', 'memory', '--database', databaseUrl, '--log-level', 'warn'], signal })
  const both = stack.use(new AsyncDisposableStack())
  both.defer(() => server.stop())
  const bare = await startBare(databaseUrl)
  both.defer(() => bare.stop())
  return await work({ davit: server.endpoint, bare: bare.url, databaseUrl, leave: () => both.disposeAsync() })
}
