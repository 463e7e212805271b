import type { AuditEntry } from 'davit/contract'
import type { AuditRow } from '#store/audit.ts'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { noSuchProject } from './projects.ts'

export interface AuditQuery {
  readonly project?: string | undefined
  readonly user?: string | undefined
  readonly verb?: string | undefined
  readonly entity?: string | undefined
  readonly token?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

const toEntry = (row: AuditRow): AuditEntry => ({
  id: row.id,
  at: row.at.toISOString(),
  user: row.actor,
  verb: row.verb,
  ...(row.project !== '' && { project: row.project }),
  entity: row.entity,
  entity_id: row.entity_id,
  ...(row.request_id !== null && { request_id: row.request_id }),
  ...(row.address !== null && { address: row.address }),
  ...(row.proof !== null && { proof: row.proof }),
  ...(row.token !== null && { token: row.token }),
  detail: row.detail,
})

const later = (one: Date | undefined, other: Date): Date => (one && one > other ? one : other)

export const auditService = ({ store }: Pick<ServiceDeps, 'store'>) => {
  /** A project that was deleted and made again has new owners: what its name did before is not theirs to read. */
  const beginOf = async (caller: Caller, project: string): Promise<Date> => {
    if (caller.admin) return new Date(0)
    const row = await store.projects.find(project)
    if (!row) throw noSuchProject(project)
    return row.created
  }

  return {
    /** Of one project for its owners, of the whole server for administrators. */
    async list(caller: Caller, { since, until, project, ...filters }: AuditQuery, paging: { readonly page: number; readonly size: number }) {
      const from = since === undefined ? undefined : new Date(since)
      const to = until === undefined ? undefined : new Date(until)
      if (project === undefined) assertMay(caller, 'audit.all')
      else assertMay(caller, 'audit.read', project)
      const begin = project === undefined ? from : later(from, await beginOf(caller, project))
      const { rows, total } = await store.audit.list({ ...filters, project, since: begin, until: to }, paging)
      return { content: rows.map(toEntry), total }
    },
  }
}
