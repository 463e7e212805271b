import {
  type ContainerFunction,
  duplicated,
  FUNCTION_KIND,
  FunctionCreate,
  type FunctionCreate as NewFunction,
  functionRef,
  notFound,
  unknownFields,
} from 'davit/contract'
import type { FunctionFilters, FunctionRow } from '#store/functions.ts'
import type { Paging } from '#store/list.ts'
import type { Repos } from '#store/store.ts'
import { assertMay, type Caller } from './access.ts'
import { auditDiff } from './audit-diff.ts'
import type { ServiceDeps } from './deps.ts'
import { noSuchSpec } from './no-such-spec.ts'
import { assertSameProject, holdProject, noSuchProject } from './projects.ts'
import { deleteRuns } from './run-deletion.ts'
import { clientStatus, describedBy, toFunction } from './wire.ts'

const noSuchFunction = (project: string, id: string) => notFound('function', `Project ${project} has no function version ${id}.`)

/** What is deleted: one version by its id, its runs too unless `cascade` is false; or all versions of a name, always with their runs. */
type Which = { readonly id: string; readonly cascade?: boolean | undefined } | { readonly name: string }

/** A function's tasks go with it; its runs too, or they stay as they are: their specs are sealed. */
async function deleteWhole(inside: Repos, project: string, which: Which): Promise<{ rows: readonly FunctionRow[]; runIds: readonly string[] }> {
  const rows = await inside.functions.delete(project, 'id' in which ? { id: which.id } : which)
  const refs = rows.map(functionRef)
  await inside.tasks.deleteOf(project, refs)
  const keepsRuns = 'id' in which && which.cascade === false
  return { rows, runIds: keepsRuns ? [] : await deleteRuns(inside, await inside.runs.of(project, { functionRefs: refs })) }
}

/** What the server noted when the version was made. */
const notesOf = (row: FunctionRow | undefined) => (row?.extra_status['notes'] === undefined ? {} : { notes: row.extra_status['notes'] })

export const functionService = ({ store, newId, wake }: ServiceDeps) => ({
  async list(caller: Caller, project: string, { filters, paging }: { filters: FunctionFilters; paging: Paging }) {
    assertMay(caller, 'function.read', project)
    if (!(await store.projects.find(project))) throw noSuchProject(project)
    const { rows, total } = await store.functions.list(project, filters, paging)
    return { content: rows.map(toFunction), total }
  },

  async create(caller: Caller, project: string, input: NewFunction): Promise<ContainerFunction> {
    assertMay(caller, 'function.write', project)
    assertSameProject(input.project, project)
    if (input.kind !== FUNCTION_KIND) throw noSuchSpec(input, `kind ${input.kind} is not known; use ${FUNCTION_KIND}`)
    const id = input.id ?? newId()
    const notes = unknownFields(FunctionCreate.shape.spec, input.spec, ['spec']).map(({ path, nearest }) => ({
      code: 'unknown-field',
      path,
      message: `${path} is not known${nearest ? `; did you mean ${nearest}?` : ''}`,
    }))
    return store.transact(async (inside) => {
      await holdProject(inside, project)
      const extraStatus = { ...clientStatus(input.status), ...(notes.length > 0 && { notes }) }
      const row = await inside.functions.insert({
        id,
        kind: input.kind,
        name: input.name,
        project,
        user: caller.name,
        metadata: describedBy(input.metadata),
        spec: input.spec ?? {},
        extraStatus,
      })
      if (!row) throw duplicated('function', id)
      await inside.audit.write({
        by: caller,
        verb: 'function.create',
        project,
        entity: 'function',
        entityId: id,
        detail: { name: input.name },
      })
      return toFunction(row)
    })
  },

  async get(caller: Caller, project: string, id: string): Promise<ContainerFunction> {
    assertMay(caller, 'function.read', project)
    const row = await store.functions.find(project, id)
    if (!row) throw noSuchFunction(project, id)
    return toFunction(row)
  },

  /** What describes a version may change, and the client's own status keys; its spec is kept as it is, as the reference does. */
  async update(caller: Caller, project: string, { id, input }: { id: string; input: NewFunction }): Promise<ContainerFunction> {
    assertMay(caller, 'function.write', project)
    assertSameProject(input.project, project)
    return store.transact(async (inside) => {
      const old = await inside.functions.find(project, id)
      const row = await inside.functions.describe(project, id, {
        user: caller.name,
        metadata: input.metadata && describedBy(input.metadata),
        extraStatus: input.status && { ...clientStatus(input.status), ...notesOf(old) },
      })
      if (!row) throw noSuchFunction(project, id)
      await inside.audit.write({
        by: caller,
        verb: 'function.update',
        project,
        entity: 'function',
        entityId: id,
        detail: { ...auditDiff(old?.metadata ?? {}, row.metadata) },
      })
      return toFunction(row)
    })
  },

  /** One version by id (`not_found` if missing), or all versions of a name (idempotent). */
  async delete(caller: Caller, project: string, which: Which): Promise<void> {
    assertMay(caller, 'function.delete', project)
    const runIds = await store.transact(async (inside) => {
      const deleted = await deleteWhole(inside, project, which)
      if ('id' in which && deleted.rows.length === 0) throw noSuchFunction(project, which.id)
      for (const { id, name, metadata, spec } of deleted.rows)
        await inside.audit.write({
          by: caller,
          verb: 'function.delete',
          project,
          entity: 'function',
          entityId: id,
          detail: { name, ...auditDiff({ ...metadata, ...spec }, {}) },
        })
      return deleted.runIds
    })
    for (const id of runIds) wake(id)
  },
})
