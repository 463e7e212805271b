import { type api, toPage } from 'davit/contract'
import type { Services } from '#service/services.ts'
import type { Handlers } from './handlers.ts'

interface Listed<T> {
  readonly content: readonly T[]
  readonly total: number
}
interface PageQuery {
  readonly page: number
  readonly size: number
}

export const pageOf = <T>({ content, total }: Listed<T>, { page, size }: PageQuery) => toPage(content, { page, size, totalElements: total })

/** One page of what is known whole. */
export const cut = <T>(all: readonly T[], { page, size }: PageQuery) =>
  pageOf({ content: all.slice(page * size, (page + 1) * size), total: all.length }, { page, size })

/** Words as clients send several: repeated, or with commas between. */
export const listOf = (values: string | string[] = []): string[] =>
  [values]
    .flat()
    .flatMap((value) => value.split(','))
    .filter(Boolean)

/** Each route module is a typed table: which verb answers which endpoint. No logic, no status codes. */
export const projectRoutes = ({ projects }: Services): Handlers<typeof api.projects> => ({
  list: async ({ caller, query }) => pageOf(await projects.list(caller, query, query), query),
  create: ({ caller, body }) => projects.create(caller, body),
  get: ({ caller, params }) => projects.get(caller, params.name),
  update: ({ caller, params, body }) => projects.update(caller, params.name, body),
  delete: ({ caller, params, query }) => projects.delete(caller, params.name, query.cascade ?? false),
})

export const functionRoutes = ({ functions }: Services): Handlers<typeof api.functions> => ({
  list: async ({ caller, params, query: { labels, ...query } }) =>
    pageOf(await functions.list(caller, params.project, { filters: { ...query, labels: listOf(labels) }, paging: query }), query),
  create: ({ caller, params, body }) => functions.create(caller, params.project, body),
  get: ({ caller, params }) => functions.get(caller, params.project, params.id),
  update: ({ caller, params, body }) => functions.update(caller, params.project, { id: params.id, input: body }),
  delete: ({ caller, params, query }) => functions.delete(caller, params.project, { id: params.id, cascade: query.cascade }),
  deleteByName: ({ caller, params, query }) => functions.delete(caller, params.project, { name: query.name }),
})

export const taskRoutes = ({ tasks }: Services): Handlers<typeof api.tasks> => ({
  list: async ({ caller, params, query }) => pageOf(await tasks.list(caller, params.project, { filters: query, paging: query }), query),
  create: ({ caller, params, body }) => tasks.create(caller, params.project, body),
  get: ({ caller, params }) => tasks.get(caller, params.project, params.id),
  update: ({ caller, params, body }) => tasks.update(caller, params.project, { id: params.id, input: body }),
  delete: ({ caller, params, query }) => tasks.delete(caller, params.project, { id: params.id, cascade: query.cascade }),
})

export const runRoutes = ({ runs, runLogs }: Services): Handlers<typeof api.runs> => ({
  list: async ({ caller, params, query }) => pageOf(await runs.list(caller, params.project, { filters: query, paging: query }), query),
  create: ({ caller, params, body }) => runs.create(caller, params.project, body),
  get: ({ caller, params }) => runs.get(caller, params.project, params.id),
  update: ({ caller, params, body }) => runs.update(caller, params.project, { id: params.id, input: body }),
  delete: ({ caller, params }) => runs.act(caller, params.project, { id: params.id, action: 'delete' }),
  act: ({ caller, params }) => runs.act(caller, params.project, { id: params.id, action: params.action }),
  watch: ({ caller, params, query, signal }) => runs.watch(caller, params, { follow: query.follow, signal }),
  logs: ({ caller, params, signal }) => runLogs.logs(caller, params, signal),
  streamLogs: ({ caller, params, query, signal }) =>
    runLogs.stream(caller, params, { container: query.container, offset: query.offset, follow: query.follow, tail: query.tail, signal }),
})

export const logRoutes = ({ runLogs }: Services): Handlers<typeof api.logs> => ({
  list: async ({ caller, params, query, signal }) =>
    pageOf(await runLogs.list(caller, params.project, { run: query.run, user: query.user, paging: query, signal }), query),
})

export const secretRoutes = ({ secrets }: Services): Handlers<typeof api.secrets> => ({
  list: async ({ caller, params, query }) => pageOf(await secrets.list(caller, params.project, query, query), query),
  create: ({ caller, params, body }) => secrets.create(caller, params.project, body),
  get: ({ caller, params }) => secrets.get(caller, params.project, params.id),
  update: ({ caller, params, body }) => secrets.update(caller, params.project, { id: params.id, input: body }),
  delete: ({ caller, params }) => secrets.delete(caller, params.project, params.id),
  readData: ({ caller, params, query }) => secrets.readData(caller, params.project, listOf(query.keys)),
  writeData: ({ caller, params, body }) => secrets.writeData(caller, params.project, body),
})

export const serverRoutes = ({ server }: Services): Handlers<typeof api.server> => ({
  info: ({ caller }) => server.info(caller),
})
