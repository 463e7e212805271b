import { actionOfTaskKind, DavitError, duplicated, notFound, parseFunctionRef, type Task, type TaskCreate, TASK_KINDS, taskRef } from 'davit/contract'
import type { CommonFilters, Paging } from '#store/list.ts'
import type { Repos } from '#store/store.ts'
import type { TaskRow } from '#store/tasks.ts'
import { assertMay, type Caller } from './access.ts'
import { auditDiff } from './audit-diff.ts'
import type { ServiceDeps } from './deps.ts'
import { assertSameProject, holdProject, noSuchProject } from './projects.ts'
import { deleteRuns } from './run-deletion.ts'
import { describedBy, toTask } from './wire.ts'

const described = ({ metadata, spec }: TaskRow) => ({ ...metadata, ...spec })

const noSuchTask = (project: string, id: string) => notFound('task', `Project ${project} has no task ${id}.`)

/** The function version that a reference names; it must be of this project and exist (400 else, as the reference has it). */
async function assertFunction(inside: Repos, project: string, ref: string): Promise<void> {
  const parsed = parseFunctionRef(ref)
  if (!parsed?.id) throw new DavitError('invalid', `spec.function must be container://<project>/<name>:<id>, not ${ref}`, { path: 'spec.function' })
  if (parsed.project !== project) throw new DavitError('invalid', `invalid project: ${ref} is not of project ${project}`, { path: 'spec.function' })
  if (!(await inside.functions.find(project, parsed.id)))
    throw new DavitError('invalid', `spec.function names a function version that does not exist: ${ref}`, { path: 'spec.function' })
}

export const taskService = ({ store, newId, wake }: ServiceDeps) => ({
  /** Kinds that Davit does not know give an empty page: official clients ask for `job` besides `container+job`. */
  async list(caller: Caller, project: string, { filters, paging }: { filters: CommonFilters & { readonly function?: string | undefined }; paging: Paging }) {
    assertMay(caller, 'task.read', project)
    if (!(await store.projects.find(project))) throw noSuchProject(project)
    if (filters.function !== undefined && !parseFunctionRef(filters.function))
      throw new DavitError('invalid', `function must be container://<project>/<name>:<id>, not ${filters.function}`, { path: 'function' })
    const { rows, total } = await store.tasks.list(project, filters, paging)
    return { content: rows.map(toTask), total }
  },

  async create(caller: Caller, project: string, input: TaskCreate): Promise<Task> {
    assertMay(caller, 'task.write', project)
    assertSameProject(input.project, project)
    if (!actionOfTaskKind(input.kind))
      throw new DavitError('not_found', 'No such spec.', { path: 'kind', hint: `kind ${input.kind} is not known; use one of ${TASK_KINDS.join(', ')}` })
    const id = input.id ?? newId()
    return store.transact(async (inside) => {
      await holdProject(inside, project)
      await assertFunction(inside, project, input.spec.function)
      const row = await inside.tasks.insert({
        id,
        kind: input.kind,
        name: input.name ?? id,
        project,
        user: caller.name,
        metadata: describedBy(input.metadata),
        spec: input.spec,
      })
      if (!row) throw duplicated('task', id)
      await inside.audit.write({ by: caller, verb: 'task.create', project, entity: 'task', entityId: id })
      return toTask(row)
    })
  },

  async get(caller: Caller, project: string, id: string): Promise<Task> {
    assertMay(caller, 'task.read', project)
    const row = await store.tasks.find(project, id)
    if (!row) throw noSuchTask(project, id)
    return toTask(row)
  },

  /** Everything but the function it belongs to. */
  async update(caller: Caller, project: string, { id, input }: { id: string; input: TaskCreate }): Promise<Task> {
    assertMay(caller, 'task.write', project)
    assertSameProject(input.project, project)
    return store.transact(async (inside) => {
      const old = await inside.tasks.find(project, id)
      if (!old) throw noSuchTask(project, id)
      const row = await inside.tasks.update(project, id, {
        user: caller.name,
        metadata: describedBy(input.metadata ?? old.metadata),
        spec: { ...input.spec, function: old.spec.function },
      })
      await inside.audit.write({
        by: caller,
        verb: 'task.update',
        project,
        entity: 'task',
        entityId: id,
        detail: { ...auditDiff(described(old), described(row ?? old)) },
      })
      return toTask(row ?? old)
    })
  },

  /** With its runs, unless `cascade` is false: their specs are sealed, so they go on, and are read, stopped and deleted as before. */
  async delete(caller: Caller, project: string, { id, cascade = true }: { id: string; cascade?: boolean | undefined }): Promise<void> {
    assertMay(caller, 'task.delete', project)
    const runIds = await store.transact(async (inside) => {
      const task = await inside.tasks.find(project, id)
      if (!task) throw noSuchTask(project, id)
      await inside.tasks.delete(project, id)
      await inside.audit.write({ by: caller, verb: 'task.delete', project, entity: 'task', entityId: id, detail: { ...auditDiff(described(task), {}) } })
      return cascade ? deleteRuns(inside, await inside.runs.of(project, { taskRef: taskRef(task) })) : []
    })
    for (const runId of runIds) wake(runId)
  },
})
