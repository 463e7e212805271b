import { DavitError } from 'davit/contract'

/** Who calls, proven by the http layer, and the id under which the call is logged. */
export interface Caller {
  readonly name: string
  readonly role: Role
  readonly requestId: string
}

const ROLES = ['viewer', 'editor', 'owner', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Every verb of the API and the least role that may do it. Server, docs and console read this one table. */
const LEAST_ROLE = {
  'project.list': 'viewer',
  'project.read': 'viewer',
  'project.create': 'editor',
  'project.update': 'owner',
  'project.delete': 'owner',
  'member.list': 'viewer',
  'member.write': 'owner',
  'function.read': 'viewer',
  'function.write': 'editor',
  'function.delete': 'editor',
  'task.read': 'viewer',
  'task.write': 'editor',
  'task.delete': 'editor',
  'run.read': 'viewer',
  'run.write': 'editor',
  'run.stop': 'editor',
  'run.delete': 'editor',
  'secret.list': 'viewer',
  'secret.read': 'editor',
  'secret.write': 'editor',
  'server.read': 'viewer',
} as const satisfies Record<string, Role>
export type Verb = keyof typeof LEAST_ROLE

export const may = (caller: Caller, verb: Verb, _project?: string): boolean => ROLES.indexOf(caller.role) >= ROLES.indexOf(LEAST_ROLE[verb])

/** The projects that a caller may see: for lists, search and notifications. */
export const visibleProjects = (_caller: Caller): 'all' | readonly string[] => 'all'

/** Throws `forbidden` unless the caller may. The first line of every service function. */
export const assertMay = (caller: Caller, verb: Verb, project?: string): void => {
  if (!may(caller, verb, project)) throw new DavitError('forbidden', `${caller.name} may not ${verb.replace('.', ' ')}`)
}
