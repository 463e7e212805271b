import * as z from 'zod'
import { endpoint } from './endpoint.ts'
import { Relationship } from './metadata.ts'
import { Run } from './run.ts'
import { Task } from './task.ts'

const P = '/api/v1/-/:project'
const list = z.array(Relationship)

/** What belongs to an entity, as bare lists: the console draws from them what came of what. */
export const relatedEndpoints = {
  ofProject: endpoint({
    method: 'GET',
    path: '/api/v1/projects/:name/relationships',
    summary: 'The relationships that a project was described with',
    returns: list,
  }),
  ofFunction: endpoint({ method: 'GET', path: `${P}/functions/:id/relationships`, summary: 'The relationships of a function version', returns: list }),
  ofTask: endpoint({ method: 'GET', path: `${P}/tasks/:id/relationships`, summary: 'The relationships of a task', returns: list }),
  ofRun: endpoint({ method: 'GET', path: `${P}/runs/:id/relationships`, summary: 'The relationships of a run', returns: list }),
  ofSecret: endpoint({ method: 'GET', path: `${P}/secrets/:id/relationships`, summary: 'The relationships of a secret', returns: list }),
  tasks: endpoint({ method: 'GET', path: `${P}/functions/:id/tasks`, summary: 'The tasks of a function version', returns: z.array(Task) }),
  runs: endpoint({ method: 'GET', path: `${P}/tasks/:id/runs`, summary: 'The runs of a task, newest first: 1000 at most', returns: z.array(Run) }),
} as const
