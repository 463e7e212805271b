import { setTimeout as sleep } from 'node:timers/promises'
import { DavitError, duplicated, notFound, type Project, type ProjectCreate } from 'davit/contract'
import type { CommonFilters, Paging } from '#store/list.ts'
import type { ProjectRow } from '#store/projects.ts'
import type { Repos } from '#store/store.ts'
import { ANONYMOUS, assertMay, type Caller, may, visibleProjects } from './access.ts'
import { auditDiff } from './audit-diff.ts'
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

/** A body that names a project must name that of the path. */
export const assertSameProject = (given: string | undefined, project: string): void => {
  if (given !== undefined && given !== project)
    throw new DavitError('invalid', `invalid project: the body says ${given}, the path ${project}`, { path: 'project' })
}

const described = (row: ProjectRow | undefined) => ({ ...row?.metadata, ...row?.spec })

const specOf = ({ spec = {} }: ProjectCreate): Record<string, unknown> => {
  const { functions: _f, artifacts: _a, workflows: _w, dataitems: _d, models: _m, ...own } = spec
  return own
}

/**
 * Whoever may create a project learns from that whether its name is taken, so reading tells them too: clients get or create in two steps.
 * All others are refused in the same words, whether it exists or not.
 */
const assertMayRead = async (store: ServiceDeps['store'], caller: Caller, name: string): Promise<void> => {
  if (!may(caller, 'project.read', name) && may(caller, 'project.create', name) && !(await store.projects.find(name))) throw noSuchProject(name)
  assertMay(caller, 'project.read', name)
}

/** How long a new project waits for what a deleted one of its name left, in ms. */
const CLEAN_UP = { patience: 10_000, look: 50 } as const

/** Waits until the runs of a deleted project of this name are gone, for as long as we are patient; whether they are is for the transaction to see. */
async function emptied(store: ServiceDeps['store'], name: string): Promise<void> {
  for (const end = Date.now() + CLEAN_UP.patience; Date.now() < end; await sleep(CLEAN_UP.look))
    if ((await store.projects.find(name)) || (await store.runs.countIn(name)) === 0) return
}

/** Who makes a project owns all that its name holds: runs of a deleted predecessor would be theirs to read. Throws `conflict`. */
async function assertEmpty(inside: Repos, name: string): Promise<void> {
  const left = await inside.runs.countIn(name)
  if (left > 0)
    throw new DavitError(
      'conflict',
      `a project ${name} was deleted, and ${left === 1 ? 'one of its runs is' : `${left} of its runs are`} still being deleted`,
      {
        hint: 'try again in a moment',
      },
    )
}

export const projectService = ({ store, wake, accessChanged }: ServiceDeps) => ({
  async list(caller: Caller, filters: CommonFilters, paging: Paging) {
    assertMay(caller, 'project.list')
    const { rows, total } = await store.projects.list(filters, paging, visibleProjects(caller))
    return { content: rows.map((row) => toProject(row)), total }
  },

  async create(caller: Caller, input: ProjectCreate): Promise<Project> {
    assertMay(caller, 'project.create', input.name)
    // Administrators may read those runs anyhow.
    if (!caller.admin) await emptied(store, input.name)
    const project = await store.transact(async (inside) => {
      const row = await inside.projects.insert({ name: input.name, user: caller.name, metadata: describedBy(input.metadata), spec: specOf(input) })
      if (!row) throw duplicated('project', input.name)
      if (!caller.admin) await assertEmpty(inside, row.name)
      if (caller.name !== ANONYMOUS) await inside.members.put({ project: row.name, user: caller.name, role: 'owner', by: caller.name })
      await inside.audit.write({
        by: caller,
        verb: 'project.create',
        project: row.name,
        entity: 'project',
        entityId: row.id,
      })
      return toProject(row)
    })
    accessChanged() // its maker owns it from now on
    return project
  },

  async get(caller: Caller, name: string): Promise<Project> {
    await assertMayRead(store, caller, name)
    const [row, functions] = await Promise.all([store.projects.find(name), store.functions.latestOfAll(name)])
    if (!row) throw noSuchProject(name)
    return toProject(row, functions)
  },

  async update(caller: Caller, name: string, input: ProjectCreate): Promise<Project> {
    assertMay(caller, 'project.update', name)
    if (input.name !== name) throw new DavitError('invalid', `name must be ${name}: a project cannot be renamed`, { path: 'name' })
    const row = await store.transact(async (inside) => {
      const old = await inside.projects.claim(name)
      const updated = await inside.projects.update(name, { user: caller.name, metadata: describedBy(input.metadata), spec: specOf(input) })
      if (!updated) throw noSuchProject(name)
      await inside.audit.write({
        by: caller,
        verb: 'project.update',
        project: name,
        entity: 'project',
        entityId: name,
        detail: { ...auditDiff(described(old), described(updated)) },
      })
      return updated
    })
    return toProject(row, await store.functions.latestOfAll(name))
  },

  /** Idempotent: a project that is not there is deleted. Without `cascade` a project that holds anything is kept (`conflict`). */
  async delete(caller: Caller, name: string, cascade: boolean): Promise<void> {
    assertMay(caller, 'project.delete', name)
    const deleted = await store.transact(async (inside) => {
      const old = await inside.projects.claim(name)
      if (!old) return []
      const [functions, runs] = await Promise.all([inside.functions.latestOfAll(name), inside.runs.of(name, 'all')])
      if (!cascade && functions.length + runs.length > 0)
        throw new DavitError('conflict', `project ${name} holds ${functions.length} functions and ${runs.length} runs`, {
          hint: 'delete them first, or delete the project with cascade=true',
        })
      await inside.audit.write({
        by: caller,
        verb: 'project.delete',
        project: name,
        entity: 'project',
        entityId: name,
        detail: { cascade, functions: functions.length, runs: runs.length, ...auditDiff(described(old), {}) },
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
