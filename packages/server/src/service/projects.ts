import { DavitError, duplicated, notFound, type Project, type ProjectCreate } from 'davit/contract'
import type { CommonFilters, Paging } from '#store/list.ts'
import type { ProjectRow } from '#store/projects.ts'
import type { Repos } from '#store/store.ts'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { deleteRuns } from './run-deletion.ts'
import { describedBy, toProject } from './wire.ts'

export const noSuchProject = (name: string): DavitError =>
  notFound('project', `There is none of the name ${name}.`, `create it first: davit apply, or POST /api/v1/projects {"name":"${name}"}`)

/** The project, held until the transaction ends; throws `not_found`. */
export const holdProject = async (inside: Repos, name: string): Promise<ProjectRow> => {
  const row = await inside.projects.hold(name)
  if (!row) throw noSuchProject(name)
  return row
}

const specOf = ({ spec = {} }: ProjectCreate): Record<string, unknown> => {
  const { functions: _f, artifacts: _a, workflows: _w, dataitems: _d, models: _m, ...own } = spec
  return own
}

export const projectService = ({ store, wake }: ServiceDeps) => ({
  async list(caller: Caller, filters: CommonFilters, paging: Paging) {
    assertMay(caller, 'project.list')
    const { rows, total } = await store.projects.list(filters, paging)
    return { content: rows.map((row) => toProject(row)), total }
  },

  async create(caller: Caller, input: ProjectCreate): Promise<Project> {
    assertMay(caller, 'project.create')
    return store.transact(async (inside) => {
      const row = await inside.projects.insert({ name: input.name, user: caller.name, metadata: describedBy(input.metadata), spec: specOf(input) })
      if (!row) throw duplicated('project', input.name)
      await inside.audit.write({
        actor: caller.name,
        verb: 'project.create',
        project: row.name,
        entity: 'project',
        entityId: row.id,
        requestId: caller.requestId,
      })
      return toProject(row)
    })
  },

  async get(caller: Caller, name: string): Promise<Project> {
    assertMay(caller, 'project.read')
    const [row, functions] = await Promise.all([store.projects.find(name), store.functions.latestOfAll(name)])
    if (!row) throw noSuchProject(name)
    return toProject(row, functions)
  },

  async update(caller: Caller, name: string, input: ProjectCreate): Promise<Project> {
    assertMay(caller, 'project.update')
    if (input.name !== name) throw new DavitError('invalid', `name must be ${name}: a project cannot be renamed`, { path: 'name' })
    const row = await store.transact(async (inside) => {
      const updated = await inside.projects.update(name, { user: caller.name, metadata: describedBy(input.metadata), spec: specOf(input) })
      if (!updated) throw noSuchProject(name)
      await inside.audit.write({ actor: caller.name, verb: 'project.update', project: name, entity: 'project', entityId: name, requestId: caller.requestId })
      return updated
    })
    return toProject(row, await store.functions.latestOfAll(name))
  },

  /** Idempotent: a project that is not there is deleted. Without `cascade` a project that holds anything is kept (`conflict`). */
  async delete(caller: Caller, name: string, cascade: boolean): Promise<void> {
    assertMay(caller, 'project.delete')
    const deleted = await store.transact(async (inside) => {
      if (!(await inside.projects.claim(name))) return []
      const [functions, runs] = await Promise.all([inside.functions.latestOfAll(name), inside.runs.of(name, 'all')])
      if (!cascade && functions.length + runs.length > 0)
        throw new DavitError('conflict', `project ${name} holds ${functions.length} functions and ${runs.length} runs`, {
          hint: 'delete them first, or delete the project with cascade=true',
        })
      await inside.audit.write({
        actor: caller.name,
        verb: 'project.delete',
        project: name,
        entity: 'project',
        entityId: name,
        requestId: caller.requestId,
        detail: { cascade },
      })
      await inside.tasks.deleteOf(name, 'all')
      await inside.functions.delete(name, {})
      await inside.secrets.delete(name, 'all')
      await inside.projects.delete(name)
      return deleteRuns(inside, runs)
    })
    for (const id of deleted) wake(id)
  },
})
