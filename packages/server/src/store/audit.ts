import type { Kysely } from 'kysely'
import { json } from './json.ts'
import type { DB } from './schema.ts'

/** Who did what to which entity, on whose request. Written in the transaction of the change itself; holds no secret. */
export interface AuditEntry {
  readonly actor: string
  readonly verb: string
  readonly project: string
  readonly entity: string
  readonly entityId: string
  readonly requestId: string | undefined
  readonly detail?: Record<string, unknown>
}

export const auditRepo = (db: Kysely<DB>) => ({
  write: ({ actor, verb, project, entity, entityId, requestId, detail = {} }: AuditEntry): Promise<unknown> =>
    db
      .insertInto('audit')
      .values({ actor, verb, project, entity, entity_id: entityId, request_id: requestId ?? null, detail: json(detail) })
      .execute(),
})
