import * as z from 'zod'
import { authApi } from './auth-endpoints.ts'
import { cascade } from './cascade.ts'
import { endpoint, streamEndpoint } from './endpoint.ts'
import { everywhereEndpoints } from './everywhere.ts'
import { foreignEndpoints } from './foreign.ts'
import { ContainerFunction, FunctionCreate } from './function.ts'
import { Log, LogChunk } from './log.ts'
import { Nothing } from './nothing.ts'
import { metricEndpoints } from './metric.ts'
import { commonFilters, functionFilters, integer, pageOf, pageQuery, runFilters, taskFilters, wholeNumber, words } from './page.ts'
import { Project, ProjectCreate } from './project.ts'
import { relatedEndpoints } from './related.ts'
import { Run, RunCreate } from './run.ts'
import { schemaEndpoints } from './schema.ts'
import { searchEndpoints } from './search.ts'
import { Secret, SecretCreate, SecretData } from './secret.ts'
import { ServerInfo } from './server-info.ts'
import { shareEndpoints } from './share.ts'
import { Task, TaskCreate } from './task.ts'
import { usageEndpoints } from './usage.ts'

const ANY = z.unknown()

const projects = {
  list: endpoint({
    method: 'GET',
    path: '/api/v1/projects',
    summary: 'List projects',
    query: z.looseObject({ ...pageQuery, ...commonFilters }),
    returns: pageOf(Project),
  }),
  create: endpoint({ method: 'POST', path: '/api/v1/projects', summary: 'Create a project', body: ProjectCreate, returns: Project }),
  get: endpoint({ method: 'GET', path: '/api/v1/projects/:name', summary: 'Read a project with its latest functions', returns: Project }),
  update: endpoint({ method: 'PUT', path: '/api/v1/projects/:name', summary: 'Replace what describes a project', body: ProjectCreate, returns: Project }),
  delete: endpoint({
    method: 'DELETE',
    path: '/api/v1/projects/:name',
    summary: 'Delete a project; with cascade all that is in it',
    query: z.looseObject(cascade),
    returns: Nothing,
  }),
} as const

const P = '/api/v1/-/:project'

const functions = {
  list: endpoint({
    method: 'GET',
    path: `${P}/functions`,
    summary: 'List functions: the latest version of each, or all',
    query: z.looseObject({ ...pageQuery, ...functionFilters }),
    returns: pageOf(ContainerFunction),
  }),
  create: endpoint({
    method: 'POST',
    path: `${P}/functions`,
    summary: 'Create a function, or a new version of one',
    body: FunctionCreate,
    returns: ContainerFunction,
  }),
  get: endpoint({ method: 'GET', path: `${P}/functions/:id`, summary: 'Read one version of a function', returns: ContainerFunction }),
  update: endpoint({
    method: 'PUT',
    path: `${P}/functions/:id`,
    summary: 'Replace the metadata of a function version; its spec never changes',
    body: FunctionCreate,
    returns: ContainerFunction,
  }),
  delete: endpoint({
    method: 'DELETE',
    path: `${P}/functions/:id`,
    summary: 'Delete a function version with its tasks and, unless cascade is false, its runs',
    query: z.looseObject(cascade),
    returns: Nothing,
  }),
  deleteByName: endpoint({
    method: 'DELETE',
    path: `${P}/functions`,
    summary: 'Delete all versions of a function with their tasks and runs',
    query: z.looseObject({ ...cascade, name: z.string().min(1) }),
    returns: Nothing,
  }),
} as const

const tasks = {
  list: endpoint({
    method: 'GET',
    path: `${P}/tasks`,
    summary: 'List tasks',
    query: z.looseObject({ ...pageQuery, ...taskFilters }),
    returns: pageOf(Task),
  }),
  create: endpoint({ method: 'POST', path: `${P}/tasks`, summary: 'Create the task of a function version and an action', body: TaskCreate, returns: Task }),
  get: endpoint({ method: 'GET', path: `${P}/tasks/:id`, summary: 'Read a task', returns: Task }),
  update: endpoint({ method: 'PUT', path: `${P}/tasks/:id`, summary: "Replace a task's defaults", body: TaskCreate, returns: Task }),
  delete: endpoint({
    method: 'DELETE',
    path: `${P}/tasks/:id`,
    summary: 'Delete a task and, unless cascade is false, its runs',
    query: z.looseObject(cascade),
    returns: Nothing,
  }),
} as const

const runs = {
  list: endpoint({
    method: 'GET',
    path: `${P}/runs`,
    summary: 'List runs',
    query: z.looseObject({ ...pageQuery, ...runFilters }),
    returns: pageOf(Run),
  }),
  create: endpoint({ method: 'POST', path: `${P}/runs`, summary: 'Submit a run; it is recorded before the answer', body: RunCreate, returns: Run }),
  get: endpoint({ method: 'GET', path: `${P}/runs/:id`, summary: 'Read a run', returns: Run }),
  update: endpoint({
    method: 'PUT',
    path: `${P}/runs/:id`,
    summary: "Replace a run's metadata; its spec is sealed and its state the server's",
    body: RunCreate,
    returns: Run,
  }),
  delete: endpoint({
    method: 'DELETE',
    path: `${P}/runs/:id`,
    summary: 'Delete a run with its logs and volumes; a running one is stopped first',
    query: z.looseObject(cascade),
    returns: Run,
  }),
  act: endpoint({ method: 'POST', path: `${P}/runs/:id/:action`, summary: 'Ask something of a run: stop, resume, delete', body: ANY, returns: Run }),
  watch: streamEndpoint({
    method: 'GET',
    path: `${P}/runs/:id/watch`,
    summary: 'The run now and after each change, until it is final',
    query: z.looseObject({ follow: z.stringbool().default(true) }),
    returns: Run,
  }),
  logs: endpoint({ method: 'GET', path: `${P}/runs/:id/logs`, summary: 'The whole logs of all containers of a run', returns: z.array(Log) }),
  streamLogs: streamEndpoint({
    method: 'GET',
    path: `${P}/runs/:id/logs/stream`,
    summary: 'Log bytes from an offset on; with follow until the run ends',
    query: z.looseObject({
      container: z.string().optional(),
      offset: wholeNumber(integer.min(0)).default(0),
      follow: z.stringbool().default(false),
      tail: wholeNumber(integer.min(0).max(1_000_000)).optional(),
    }),
    returns: LogChunk,
  }),
} as const

const logs = {
  list: endpoint({
    method: 'GET',
    path: `${P}/logs`,
    summary: 'List logs, of one run or all',
    query: z.looseObject({ ...pageQuery, run: z.string().optional(), user: z.string().optional() }),
    returns: pageOf(Log),
  }),
} as const

const secrets = {
  list: endpoint({
    method: 'GET',
    path: `${P}/secrets`,
    summary: 'List secrets, without their values',
    query: z.looseObject({ ...pageQuery, ...commonFilters }),
    returns: pageOf(Secret),
  }),
  create: endpoint({ method: 'POST', path: `${P}/secrets`, summary: 'Declare a secret', body: SecretCreate, returns: Secret }),
  readData: endpoint({
    method: 'GET',
    path: `${P}/secrets/data`,
    summary: 'Read the values of secrets',
    query: z.looseObject({ keys: words }),
    returns: SecretData,
  }),
  writeData: endpoint({ method: 'PUT', path: `${P}/secrets/data`, summary: 'Set the values of secrets', body: SecretData, returns: Nothing }),
  get: endpoint({ method: 'GET', path: `${P}/secrets/:id`, summary: 'Read a secret, without its value', returns: Secret }),
  update: endpoint({
    method: 'PUT',
    path: `${P}/secrets/:id`,
    summary: 'Replace the metadata of a secret; its value only changes through secrets/data',
    body: SecretCreate,
    returns: Secret,
  }),
  delete: endpoint({ method: 'DELETE', path: `${P}/secrets/:id`, summary: 'Delete a secret and its value', returns: Nothing }),
} as const

const server = {
  info: endpoint({ method: 'GET', path: '/api/v1/server', summary: 'Version, engine, database and limits of this server', returns: ServerInfo }),
} as const

/** The whole API: the one table that server, SDK and OpenAPI are made from. */
export const api = {
  projects,
  functions,
  tasks,
  runs,
  logs,
  secrets,
  server,
  ...authApi,
  shares: shareEndpoints,
  metrics: metricEndpoints,
  search: searchEndpoints,
  schemas: schemaEndpoints,
  related: relatedEndpoints,
  usage: usageEndpoints,
  everywhere: everywhereEndpoints,
  foreign: foreignEndpoints,
} as const
