import * as z from 'zod'
import { cascade } from './cascade.ts'
import { endpoint } from './endpoint.ts'
import { ContainerFunction, FunctionCreate } from './function.ts'
import { Log } from './log.ts'
import { commonFilters, functionFilters, pageOf, pageQuery, runFilters, taskFilters } from './page.ts'
import { Run, RunCreate } from './run.ts'
import { Secret, SecretCreate } from './secret.ts'
import { Task, TaskCreate } from './task.ts'

const base = { ...pageQuery, project: z.string().optional() } as const
const Nothing = z.unknown()

/**
 * The same entities without a project in the path, as the console asks for them while no project is chosen: lists run through every
 * project that the caller may see; a create names its project in the body.
 */
export const everywhereEndpoints = {
  functions: endpoint({
    method: 'GET',
    path: '/api/v1/functions',
    summary: 'List functions of all projects that the caller sees',
    query: z.looseObject({ ...base, ...functionFilters }),
    returns: pageOf(ContainerFunction),
  }),
  createFunction: endpoint({
    method: 'POST',
    path: '/api/v1/functions',
    summary: 'Create a function in the project it names',
    body: FunctionCreate,
    returns: ContainerFunction,
  }),
  getFunction: endpoint({ method: 'GET', path: '/api/v1/functions/:id', summary: 'Read a function version of any project', returns: ContainerFunction }),
  updateFunction: endpoint({
    method: 'PUT',
    path: '/api/v1/functions/:id',
    summary: 'Replace the metadata of a function version of any project',
    body: FunctionCreate,
    returns: ContainerFunction,
  }),
  deleteFunction: endpoint({
    method: 'DELETE',
    path: '/api/v1/functions/:id',
    summary: 'Delete a function version of any project',
    query: z.looseObject(cascade),
    returns: Nothing,
  }),
  tasks: endpoint({
    method: 'GET',
    path: '/api/v1/tasks',
    summary: 'List tasks of all projects that the caller sees',
    query: z.looseObject({ ...base, ...taskFilters }),
    returns: pageOf(Task),
  }),
  createTask: endpoint({ method: 'POST', path: '/api/v1/tasks', summary: 'Create a task in the project it names', body: TaskCreate, returns: Task }),
  getTask: endpoint({ method: 'GET', path: '/api/v1/tasks/:id', summary: 'Read a task of any project', returns: Task }),
  updateTask: endpoint({ method: 'PUT', path: '/api/v1/tasks/:id', summary: 'Replace the defaults of a task of any project', body: TaskCreate, returns: Task }),
  deleteTask: endpoint({
    method: 'DELETE',
    path: '/api/v1/tasks/:id',
    summary: 'Delete a task of any project',
    query: z.looseObject(cascade),
    returns: Nothing,
  }),
  runs: endpoint({
    method: 'GET',
    path: '/api/v1/runs',
    summary: 'List runs of all projects that the caller sees',
    query: z.looseObject({ ...base, ...runFilters }),
    returns: pageOf(Run),
  }),
  createRun: endpoint({ method: 'POST', path: '/api/v1/runs', summary: 'Submit a run in the project it names', body: RunCreate, returns: Run }),
  getRun: endpoint({ method: 'GET', path: '/api/v1/runs/:id', summary: 'Read a run of any project', returns: Run }),
  updateRun: endpoint({ method: 'PUT', path: '/api/v1/runs/:id', summary: 'Replace the metadata of a run of any project', body: RunCreate, returns: Run }),
  deleteRun: endpoint({ method: 'DELETE', path: '/api/v1/runs/:id', summary: 'Delete a run of any project', returns: Run }),
  secrets: endpoint({
    method: 'GET',
    path: '/api/v1/secrets',
    summary: 'List secrets of all projects that the caller sees',
    query: z.looseObject({ ...base, ...commonFilters }),
    returns: pageOf(Secret),
  }),
  createSecret: endpoint({ method: 'POST', path: '/api/v1/secrets', summary: 'Declare a secret in the project it names', body: SecretCreate, returns: Secret }),
  getSecret: endpoint({ method: 'GET', path: '/api/v1/secrets/:id', summary: 'Read a secret of any project, without its value', returns: Secret }),
  updateSecret: endpoint({
    method: 'PUT',
    path: '/api/v1/secrets/:id',
    summary: 'Replace the metadata of a secret of any project',
    body: SecretCreate,
    returns: Secret,
  }),
  deleteSecret: endpoint({ method: 'DELETE', path: '/api/v1/secrets/:id', summary: 'Delete a secret of any project', returns: Nothing }),
  logs: endpoint({
    method: 'GET',
    path: '/api/v1/logs',
    summary: 'List the logs of a run of any project',
    query: z.looseObject({ ...pageQuery, run: z.string(), user: z.string().optional() }),
    returns: pageOf(Log),
  }),
} as const
