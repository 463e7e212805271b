import { Client, DatabaseError } from 'pg'
import type { Log } from '#supervise/log.ts'
import { sleep } from '#supervise/wait-until.ts'
import { USER } from './create-cluster.ts'
import { PORT } from './paths.ts'

/** The one database that the server uses. */
export const DATABASE = 'davit'

const NO_SUCH_DATABASE = '3D000'

const connect = async (socket: string, database: string, sql: string): Promise<unknown> => {
  const client = new Client({ host: socket, port: PORT, user: USER, database, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined) // a lost connection also rejects the query
  try {
    await client.connect()
    await client.query(sql)
    return undefined
  } catch (error) {
    return error
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** One look: undefined when the database answers, else why not. Makes the database when only that is missing. */
const look = async (socket: string): Promise<unknown> => {
  const error = await connect(socket, DATABASE, 'select 1')
  if (!(error instanceof DatabaseError) || error.code !== NO_SUCH_DATABASE) return error
  return connect(socket, 'postgres', `create database ${DATABASE}`)
}

export interface UntilReady {
  readonly socket: string
  /** Settles when the postmaster is gone. */
  readonly ended: Promise<string>
  readonly log: Log
  readonly signal: AbortSignal
}

/**
 * Looks every 10 ms until the database answers; undefined then. The words of `ended` when the postmaster ends first. No time limit: after
 * a crash PostgreSQL reads its log from the last checkpoint on, which takes as long as it takes; it says so every 10 s.
 */
export const untilReady = async ({ socket, ended, log, signal }: UntilReady): Promise<string | undefined> => {
  let end: string | undefined
  void ended.then((how) => {
    end = how
  })
  let told = performance.now()
  while (end === undefined) {
    const problem = await look(socket)
    if (problem === undefined) return undefined
    if (performance.now() - told > 10_000) {
      told = performance.now()
      log.info({ err: problem }, 'waiting for PostgreSQL to recover')
    }
    await sleep(10, signal)
  }
  return end
}
