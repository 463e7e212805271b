import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import { json } from './json.ts'
import type { AuditTable, DB } from './schema.ts'
import { rowsOf } from './statement.ts'

export type AuditRow = Selectable<AuditTable>

interface Actor {
  readonly name: string
  readonly requestId?: string | undefined
  readonly address?: string | undefined
  readonly proof?: { readonly kind: string; readonly token?: string | undefined } | undefined
}

/** Who did what to which entity, on whose request and from where. Written in the transaction of the change itself; holds no secret. */
export interface AuditEntry {
  readonly by: Actor
  readonly verb: string
  /** Empty: of the server, in no project. */
  readonly project: string
  readonly entity: string
  readonly entityId: string
  readonly detail?: Record<string, unknown>
}

export interface AuditFilters {
  readonly project?: string | undefined
  readonly user?: string | undefined
  /** Exact, or all of a noun: `run`. */
  readonly verb?: string | undefined
  readonly entity?: string | undefined
  /** Id of the personal token that it was done with. */
  readonly token?: string | undefined
  readonly since?: Date | undefined
  readonly until?: Date | undefined
}

const conditionsOf = ({ project, user, verb, entity, token, since, until }: AuditFilters) => [
  sql<SqlBool>`true`,
  ...(project === undefined ? [] : [sql<SqlBool>`project = ${project}`]),
  ...(user === undefined ? [] : [sql<SqlBool>`actor = ${user}`]),
  ...(verb === undefined ? [] : [sql<SqlBool>`(verb = ${verb} or starts_with(verb, ${`${verb}.`}))`]),
  ...(entity === undefined ? [] : [sql<SqlBool>`entity_id = ${entity}`]),
  ...(token === undefined ? [] : [sql<SqlBool>`token = ${token}`]),
  ...(since === undefined ? [] : [sql<SqlBool>`at >= ${since}`]),
  ...(until === undefined ? [] : [sql<SqlBool>`at < ${until}`]),
]

const WRITE =
  'insert into audit (actor, verb, project, entity, entity_id, request_id, address, proof, token, detail) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)'

export const auditRepo = (db: Kysely<DB>) => ({
  write: ({ by, verb, project, entity, entityId, detail = {} }: AuditEntry): Promise<unknown> =>
    rowsOf(db, WRITE, [
      by.name,
      verb,
      project,
      entity,
      entityId,
      by.requestId ?? null,
      by.address ?? null,
      by.proof?.kind ?? null,
      by.proof?.token ?? null,
      json(detail),
    ]),

  /** Newest first. */
  list: async (
    filters: AuditFilters,
    { page, size }: { readonly page: number; readonly size: number },
  ): Promise<{ rows: readonly AuditRow[]; total: number }> => {
    const where = sql.join(conditionsOf(filters), sql` and `)
    const [rows, counted] = await Promise.all([
      sql<AuditRow>`select * from audit where ${where} order by id desc limit ${size} offset ${page * size}`.execute(db),
      sql<{ total: number }>`select count(*) as total from audit where ${where}`.execute(db),
    ])
    return { rows: rows.rows, total: counted.rows[0]?.total ?? 0 }
  },
})
