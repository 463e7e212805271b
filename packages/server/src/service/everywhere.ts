import { DavitError, notFound, type ProjectVerb } from 'davit/contract'
import type { FunctionFilters } from '#store/functions.ts'
import type { CommonFilters, Paging, Projects } from '#store/list.ts'
import type { Placed } from '#store/places.ts'
import type { RunFilters } from '#store/runs.ts'
import type { TaskFilters } from '#store/tasks.ts'
import { assertMay, type Caller, may, visibleProjects } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { withHistory } from './run-history.ts'
import { toFunction, toSecret, toTask } from './wire.ts'

const READ = { function: 'function.read', task: 'task.read', run: 'run.read', secret: 'secret.list' } as const satisfies Record<Placed, ProjectVerb>

export interface Asked<F> {
  readonly filters: F & { readonly project?: string | undefined }
  readonly paging: Paging
}

/** The same entities for a caller who names no project: lists over all that they may see, and where an id is. */
export const everywhereService = ({ store }: ServiceDeps) => {
  const projectsOf = (caller: Caller, entity: Placed, wanted: string | undefined): Projects => {
    assertMay(caller, 'project.list')
    const visible = visibleProjects(caller)
    if (visible === 'all') return wanted
    const readable = visible.filter((project) => may(caller, READ[entity], project))
    return wanted === undefined ? readable : readable.filter((project) => project === wanted)
  }
  return {
    /** The project that an entity is in. Throws `not_found` also where the caller may not know that it exists. */
    async projectOf(caller: Caller, entity: Placed, id: string): Promise<string> {
      assertMay(caller, 'project.list')
      const project = await store.places.projectOf(entity, id)
      if (project === undefined || !may(caller, READ[entity], project)) throw notFound(entity, `There is none with the id ${id}.`)
      return project
    },

    /** The project that a body names, which without one in the path it must. */
    named(project: string | undefined): string {
      if (project === undefined) throw new DavitError('invalid', 'project is required', { path: 'project' })
      return project
    },

    async functions(caller: Caller, { filters, paging }: Asked<FunctionFilters>) {
      const { rows, total } = await store.functions.list(projectsOf(caller, 'function', filters.project), filters, paging)
      return { content: rows.map(toFunction), total }
    },

    async tasks(caller: Caller, { filters, paging }: Asked<TaskFilters>) {
      const { rows, total } = await store.tasks.list(projectsOf(caller, 'task', filters.project), filters, paging)
      return { content: rows.map(toTask), total }
    },

    async runs(caller: Caller, { filters, paging }: Asked<RunFilters>) {
      const { rows, total } = await store.runs.list(projectsOf(caller, 'run', filters.project), filters, paging)
      return { content: await withHistory(store, rows), total }
    },

    async secrets(caller: Caller, { filters, paging }: Asked<CommonFilters>) {
      const { rows, total } = await store.secrets.list(projectsOf(caller, 'secret', filters.project), paging, filters)
      return { content: rows.map(toSecret), total }
    },
  }
}
