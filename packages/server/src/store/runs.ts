import type { Metadata, RunSpec, RunState, ServerStatus } from 'davit/contract'
import { FINAL_STATES } from 'davit/contract'
import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import { joinCounts } from './counts.ts'
import { json } from './json.ts'
import { type CommonFilters, commonConditions, inProjects, type Listed, like, listRows, type Paging, type Projects, plusRestored } from './list.ts'
import { runChanges } from './run-changes.ts'
import type { DB, RunTable } from './schema.ts'
import { rowOf, rowsOf } from './statement.ts'

export type RunRow = Selectable<RunTable>

export interface NewRun {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly project: string
  readonly user: string
  readonly action: string
  readonly functionRef: string
  readonly taskRef: string
  readonly metadata: Metadata
  readonly spec: RunSpec
  readonly extensions: unknown[]
  readonly extraStatus: Record<string, unknown>
  /** The states it passed while being accepted; the last is the one it is in. */
  readonly states: readonly [RunState, ...RunState[]]
  readonly status: ServerStatus
  /** Nothing for Davit to do: the client runs it itself. */
  readonly settled: boolean
}

export interface RunFilters extends CommonFilters {
  readonly q?: string | undefined
  /** `container://project/name` for any version, or with `:id`. */
  readonly function?: string | undefined
  readonly task?: string | undefined
  /** A part of the task's kind: `job`, `container+job`. */
  readonly action?: string | undefined
  /** Nothing here is of a workflow. */
  readonly workflow?: string | undefined
}

const functionCondition = (ref: string) =>
  /:\/\/[^:]+:/.test(ref) ? sql<SqlBool>`function_ref = ${ref}` : sql<SqlBool>`function_ref like ${`${ref.replace(/[\\%_]/g, '\\$&')}:%`}`

/** Of one state an index has the runs in order; PostgreSQL does not see that a list holds only one. */
const stateIs = (states: readonly string[]) => (states.length === 1 ? sql<SqlBool>`state = ${states[0]}` : sql<SqlBool>`state = any(${states})`)

const conditionsOf = (projects: Projects, filters: RunFilters) => [
  ...inProjects(projects),
  ...commonConditions(filters),
  ...(filters.name ? [sql<SqlBool>`name = ${filters.name}`] : []),
  ...(filters.state ? [stateIs(filters.state.split(','))] : []),
  ...(filters.q ? [sql<SqlBool>`(id like ${like(filters.q)} or name like ${like(filters.q)} or function_ref like ${like(filters.q)})`] : []),
  ...(filters.function ? [functionCondition(filters.function)] : []),
  ...(filters.task ? [sql<SqlBool>`task_ref = ${plusRestored(filters.task)}`] : []),
  ...(filters.action && !filters.task ? [sql<SqlBool>`'container+' || action like ${like(plusRestored(filters.action))}`] : []),
  ...(filters.workflow ? [sql<SqlBool>`false`] : []),
]

/** What `run_count` does not tell apart. */
const COUNTED_ONE_BY_ONE = ['id', 'name', 'q', 'created', 'updated']
const isKnown = (filters: RunFilters): boolean => !Object.entries(filters).some(([name, value]) => Boolean(value) && COUNTED_ONE_BY_ONE.includes(name))

/** What `updateTable('run').set(...)` takes for a status change: whatever clients can see raises the revision, which wakes watchers. */
const visible = { revision: sql<number>`revision + 1`, updated: sql<Date>`clock_timestamp()` }

const INSERT = `with made as (
    insert into run (id, kind, name, project, user_name, updated_by, action, function_ref, task_ref, metadata, spec, extensions, state, status, extra_status, settled)
    values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict do nothing returning *),
  told as (insert into transition (run, state, at) select made.id, passed.state, made.created from made, unnest($16::text[]) with ordinality as passed(state, n) order by n)
  select * from made`

/** What a run still wants of an engine. */
export interface Wanted {
  readonly id: string
  /** Nothing. */
  readonly settled: boolean
  /** Nothing of these attempts. */
  readonly removed: readonly number[]
}
const WANTED = `select id, settled, array(select number from attempt where attempt.run = run.id and removed) as removed from run where id = any($1)`

export const runRepo = (db: Kysely<DB>) => ({
  find: (project: string, id: string): Promise<RunRow | undefined> => rowOf(db, 'select * from run where project = $1 and id = $2', [project, id]),
  findById: (id: string): Promise<RunRow | undefined> => rowOf(db, 'select * from run where id = $1', [id]),

  /** Of those that exist. */
  wanted: (ids: readonly string[]): Promise<readonly Wanted[]> => rowsOf(db, WANTED, [ids]),

  /** With its history: states that it passed at once. Undefined: the id is taken. */
  insert: (run: NewRun): Promise<RunRow | undefined> =>
    rowOf(db, INSERT, [
      run.id,
      run.kind,
      run.name,
      run.project,
      run.user,
      run.action,
      run.functionRef,
      run.taskRef,
      json(run.metadata),
      json(run.spec),
      json(run.extensions),
      run.states.at(-1),
      json(run.status),
      json(run.extraStatus),
      run.settled,
      run.states.slice(1),
    ]),

  ...runChanges(db),

  /** The end of a deletion: history, ledger and logs go with the row. */
  forget: (id: string, token: number): Promise<unknown> =>
    db.deleteFrom('run').where('id', '=', id).where('state', '=', 'DELETING').where('lease_token', '=', token).execute(),

  /** What describes a run, and the status keys that are the client's. Its state and spec are not. */
  describe: (
    project: string,
    id: string,
    change: { user: string; metadata: Metadata | undefined; extraStatus: Record<string, unknown> | undefined },
  ): Promise<RunRow | undefined> =>
    db
      .updateTable('run')
      .set({
        ...visible,
        ...(change.metadata && { metadata: json(change.metadata) }),
        ...(change.extraStatus && { extra_status: json(change.extraStatus) }),
        updated_by: change.user,
      })
      .where('project', '=', project)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst(),

  /** The runs of a project, of some function versions, or of one task. */
  of: (project: string, which: { functionRefs: readonly string[] } | { taskRef: string } | 'all'): Promise<readonly RunRow[]> => {
    const query = db.selectFrom('run').selectAll().where('project', '=', project)
    if (which === 'all') return query.execute()
    if ('taskRef' in which) return query.where('task_ref', '=', which.taskRef).execute()
    return which.functionRefs.length > 0 ? query.where('function_ref', 'in', which.functionRefs).execute() : Promise.resolve([])
  },

  /** All that lie in a project, also those that are being deleted. */
  countIn: async (project: string): Promise<number> => {
    const { count } = await db
      .selectFrom('run')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('project', '=', project)
      .executeTakeFirstOrThrow()
    return count
  },

  /** Runs that are not final; of those that are, some may still have something to clean up. */
  countActive: async (): Promise<number> => {
    const { count } = await db
      .selectFrom('run')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where(sql<SqlBool>`not settled`)
      .where('state', 'not in', [...FINAL_STATES])
      .executeTakeFirstOrThrow()
    return count
  },

  /** Totals are exact; by time, name or text they are counted, by anything else they are known. */
  list: (projects: Projects, filters: RunFilters, paging: Paging): Promise<Listed<RunRow>> =>
    listRows(db, {
      from: sql`run`,
      where: conditionsOf(projects, filters),
      order: { column: 'created', direction: 'desc' },
      paging,
      hasState: true,
      indexed: true,
      counted: isKnown(filters) ? sql`run_count` : undefined,
    }),

  /** Joins the rows of the totals together: one is left for each of what they are kept by. */
  joinCounts: (): Promise<unknown> => joinCounts(db),

  /** Newest first. */
  transitions: (ids: readonly string[]): Promise<readonly { run: string; state: RunState; message: string | null; at: Date }[]> =>
    ids.length === 0 ? Promise.resolve([]) : rowsOf(db, 'select run, state, message, at from transition where run = any($1) order by seq desc', [ids]),
})
export type RunRepo = ReturnType<typeof runRepo>
