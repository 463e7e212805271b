import { type api, functionRef, type Metadata, taskRef } from 'davit/contract'
import type { Services } from '#service/services.ts'
import type { Handlers } from './handlers.ts'
import { cut, listOf, pageOf } from './routes.ts'

const EMPTY = { content: [], total: 0 } as const

/** The routes that official clients use beside those of our own: the same tables, no logic. */
export const metricRoutes = ({ metrics }: Services): Handlers<typeof api.metrics> => ({
  all: ({ caller, params }) => metrics.all(caller, params),
  get: ({ caller, params }) => metrics.get(caller, params),
  put: ({ caller, params, body }) => metrics.put(caller, params, body),
})

export const shareRoutes = ({ shares }: Services): Handlers<typeof api.shares> => ({
  list: ({ caller, params }) => shares.list(caller, params.name),
  share: ({ caller, params, query }) => shares.share(caller, params.name, query.user),
  unshare: ({ caller, params, query }) => shares.unshare(caller, params.name, { id: query.id, user: query.user }),
})

export const searchRoutes = ({ search }: Services): Handlers<typeof api.search> => ({
  item: async ({ caller, params, query }) =>
    pageOf(await search.items(caller, params.project, { query: query.q, filters: [query.fq ?? []].flat(), paging: query }), query),
})

export const schemaRoutes = ({ schemas }: Services): Handlers<typeof api.schemas> => ({
  list: async ({ caller, params, query }) => cut(schemas.list(caller, params.entity, query.runtime), query),
  get: async ({ caller, params }) => schemas.get(caller, params.entity, params.kind),
  templates: async ({ caller, query }) => {
    schemas.templates(caller)
    return pageOf(EMPTY, query)
  },
})

export const foreignRoutes = ({ foreign }: Services): Handlers<typeof api.foreign> => ({
  list: async ({ caller, params, query }) => {
    await foreign.list(caller, params)
    return pageOf(EMPTY, query)
  },
  create: ({ caller, params, body }) => foreign.create(caller, params, body),
  deleteByName: ({ caller, params }) => foreign.deleteByName(caller, params),
  get: ({ caller, params }) => foreign.get(caller, params),
  update: ({ caller, params }) => foreign.get(caller, params),
  delete: ({ caller, params }) => foreign.get(caller, params),
})

/** A bare list holds so many at most. */
const ALL = { page: 0, size: 1000 } as const
const relationshipsOf = ({ metadata }: { readonly metadata: Metadata }) => metadata.relationships ?? []

export const relatedRoutes = ({ projects, functions, tasks, runs, secrets }: Services): Handlers<typeof api.related> => ({
  ofProject: async ({ caller, params }) => relationshipsOf(await projects.get(caller, params.name)),
  ofFunction: async ({ caller, params }) => relationshipsOf(await functions.get(caller, params.project, params.id)),
  ofTask: async ({ caller, params }) => relationshipsOf(await tasks.get(caller, params.project, params.id)),
  ofRun: async ({ caller, params }) => relationshipsOf(await runs.get(caller, params.project, params.id)),
  ofSecret: async ({ caller, params }) => relationshipsOf(await secrets.get(caller, params.project, params.id)),
  tasks: async ({ caller, params: { project, id } }) => {
    const ref = functionRef(await functions.get(caller, project, id))
    return (await tasks.list(caller, project, { filters: { function: ref }, paging: ALL })).content
  },
  runs: async ({ caller, params: { project, id } }) => {
    const ref = taskRef(await tasks.get(caller, project, id))
    return (await runs.list(caller, project, { filters: { task: ref }, paging: ALL })).content
  },
})

export const usageRoutes = ({ usage }: Services): Handlers<typeof api.usage> => ({
  ofServer: ({ caller }) => usage.ofServer(caller),
  ofAccount: ({ caller }) => usage.ofAccount(caller),
  ofProject: ({ caller, params }) => usage.ofProject(caller, params.name),
  ofRun: ({ caller, params }) => usage.ofRun(caller, params),
  seriesOfServer: ({ caller }) => usage.seriesOfServer(caller),
  seriesOfProject: ({ caller, params }) => usage.seriesOfProject(caller, params.name),
  seriesOfRun: ({ caller, params }) => usage.seriesOfRun(caller, params),
})

/** Where the path names no project: it is found by the entity's id, or in the body; then it is the same verb. */
export const everywhereRoutes = ({ everywhere, functions, tasks, runs, secrets, runLogs }: Services): Handlers<typeof api.everywhere> => ({
  functions: async ({ caller, query: { labels, ...query } }) =>
    pageOf(await everywhere.functions(caller, { filters: { ...query, labels: listOf(labels) }, paging: query }), query),
  createFunction: ({ caller, body }) => functions.create(caller, everywhere.named(body.project), body),
  getFunction: async ({ caller, params: { id } }) => functions.get(caller, await everywhere.projectOf(caller, 'function', id), id),
  updateFunction: async ({ caller, params: { id }, body }) => functions.update(caller, await everywhere.projectOf(caller, 'function', id), { id, input: body }),
  deleteFunction: async ({ caller, params: { id }, query: { cascade } }) =>
    functions.delete(caller, await everywhere.projectOf(caller, 'function', id), { id, cascade }),

  tasks: async ({ caller, query }) => pageOf(await everywhere.tasks(caller, { filters: query, paging: query }), query),
  createTask: ({ caller, body }) => tasks.create(caller, everywhere.named(body.project), body),
  getTask: async ({ caller, params: { id } }) => tasks.get(caller, await everywhere.projectOf(caller, 'task', id), id),
  updateTask: async ({ caller, params: { id }, body }) => tasks.update(caller, await everywhere.projectOf(caller, 'task', id), { id, input: body }),
  deleteTask: async ({ caller, params: { id }, query: { cascade } }) => tasks.delete(caller, await everywhere.projectOf(caller, 'task', id), { id, cascade }),

  runs: async ({ caller, query }) => pageOf(await everywhere.runs(caller, { filters: query, paging: query }), query),
  createRun: ({ caller, body }) => runs.create(caller, everywhere.named(body.project), body),
  getRun: async ({ caller, params: { id } }) => runs.get(caller, await everywhere.projectOf(caller, 'run', id), id),
  updateRun: async ({ caller, params: { id }, body }) => runs.update(caller, await everywhere.projectOf(caller, 'run', id), { id, input: body }),
  deleteRun: async ({ caller, params: { id } }) => runs.act(caller, await everywhere.projectOf(caller, 'run', id), { id, action: 'delete' }),

  secrets: async ({ caller, query }) => pageOf(await everywhere.secrets(caller, { filters: query, paging: query }), query),
  createSecret: ({ caller, body }) => secrets.create(caller, everywhere.named(body.project), body),
  getSecret: async ({ caller, params: { id } }) => secrets.get(caller, await everywhere.projectOf(caller, 'secret', id), id),
  updateSecret: async ({ caller, params: { id }, body }) => secrets.update(caller, await everywhere.projectOf(caller, 'secret', id), { id, input: body }),
  deleteSecret: async ({ caller, params: { id } }) => secrets.delete(caller, await everywhere.projectOf(caller, 'secret', id), id),

  logs: async ({ caller, query, signal }) => {
    const project = await everywhere.projectOf(caller, 'run', query.run)
    return pageOf(await runLogs.list(caller, project, { run: query.run, user: query.user, paging: query, signal }), query)
  },
})
