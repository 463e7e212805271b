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

/** Throws `forbidden` unless the caller may. The first line of every service function. */
export const assertMay = (caller: Caller, verb: Verb): void => {
  if (ROLES.indexOf(caller.role) < ROLES.indexOf(LEAST_ROLE[verb])) throw new DavitError('forbidden', `${caller.name} may not ${verb.replace('.', ' ')}`)
}
