import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import { inProjects, listRows, type Listed, type Paging, type Projects } from './list.ts'
import type { DB, LogStreamTable } from './schema.ts'

export type LogStreamRow = Selectable<LogStreamTable>
/** In a list: with the cluster's namespace in which its run was seen. */
export type ListedLog = LogStreamRow & { readonly namespace: string | null }
export interface LogKey {
  readonly run: string
  readonly attempt: number
  readonly container: string
}

const of = ({ run, attempt, container }: LogKey) => sql<SqlBool>`run = ${run} and attempt = ${attempt} and container = ${container}`

export const logRepo = (db: Kysely<DB>) => ({
  streams: (run: string): Promise<readonly LogStreamRow[]> =>
    db.selectFrom('log_stream').selectAll().where('run', '=', run).orderBy('attempt').orderBy('container').execute(),

  /** A log that fits one chunk, stored complete by one statement; what an interrupted collection left is replaced. */
  storeWhole: (key: LogKey, owner: { project: string; user: string }, data: Buffer): Promise<unknown> =>
    sql`
      with stream as (
        insert into log_stream (run, attempt, container, project, user_name, first, bytes, complete)
        values (${key.run}, ${key.attempt}, ${key.container}, ${owner.project}, ${owner.user}, 0, ${data.length}, true)
        on conflict (run, attempt, container) do update set first = 0, bytes = excluded.bytes, complete = true
        returning run, attempt, container)
      insert into log_chunk (run, attempt, container, start, data) select run, attempt, container, 0, ${data} from stream where ${data.length} > 0
      on conflict (run, attempt, container, start) do update set data = excluded.data`.execute(db),

  /** Begins anew: what an interrupted collection left is dropped, since the engine still has it all. */
  async begin(key: LogKey, owner: { project: string; user: string }): Promise<void> {
    await db.deleteFrom('log_stream').where(of(key)).where('complete', '=', false).execute()
    await db
      .insertInto('log_stream')
      .values({ ...key, project: owner.project, user_name: owner.user, first: 0, bytes: 0, complete: false })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  },

  append: (key: LogKey, start: number, data: Buffer): Promise<unknown> =>
    db
      .insertInto('log_chunk')
      .values({ ...key, start, data })
      .onConflict((conflict) => conflict.doNothing())
      .execute(),

  /** Forgets chunks that lie wholly before `first`; gives the first byte that is left. */
  async forgetBefore(key: LogKey, first: number): Promise<number> {
    await sql`delete from log_chunk where ${of(key)} and start + length(data) <= ${first}`.execute(db)
    const { rows } = await sql<{ start: number | null }>`select min(start) as start from log_chunk where ${of(key)}`.execute(db)
    return rows[0]?.start ?? first
  },

  finish: (key: LogKey, { first, bytes }: { first: number; bytes: number }): Promise<unknown> =>
    db.updateTable('log_stream').set({ first, bytes, complete: true }).where(of(key)).execute(),

  /** Stored bytes from `offset` on, in order, a chunk at a time: a long log never stands in memory whole. */
  async *read(key: LogKey, offset: number): AsyncGenerator<{ start: number; data: Buffer }> {
    let from = offset
    for (;;) {
      const chunk = await db
        .selectFrom('log_chunk')
        .select(['start', 'data'])
        .where(of(key))
        .where(sql<SqlBool>`start + length(data) > ${from}`)
        .orderBy('start')
        .limit(1)
        .executeTakeFirst()
      if (!chunk) return
      const skip = Math.max(0, from - chunk.start)
      yield { start: chunk.start + skip, data: chunk.data.subarray(skip) }
      from = chunk.start + chunk.data.length
    }
  },

  list: (projects: Projects, { run, user }: { run?: string | undefined; user?: string | undefined }, paging: Paging): Promise<Listed<ListedLog>> =>
    listRows(db, {
      from: sql`(select *, run || '-' || attempt || '-' || container as id, container as name, 'log' as kind, created as updated,
        (select run.status->'pods'->0->>'namespace' from run where run.id = log_stream.run) as namespace from log_stream) as stream`,
      where: [...inProjects(projects), ...(run ? [sql<SqlBool>`run = ${run}`] : []), ...(user ? [sql<SqlBool>`user_name = ${user}`] : [])],
      order: { column: 'created', direction: 'desc' },
      paging,
    }),
})
export type LogRepo = ReturnType<typeof logRepo>
