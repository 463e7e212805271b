import * as z from 'zod'
import { keysOf } from './table.ts'

/** From the least to the most. `user`: anybody who proved who they are. Viewer, editor and owner hold in one project, admin everywhere. */
export const ROLES = ['user', 'viewer', 'editor', 'owner', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** What a member of a project can be. */
export const PROJECT_ROLES = ['viewer', 'editor', 'owner'] as const
export const ProjectRole = z.enum(PROJECT_ROLES).meta({ id: 'ProjectRole' })
export type ProjectRole = z.infer<typeof ProjectRole>

/** Verbs on what lies in a project, and the least role there that may do them. */
export const PROJECT_VERBS = {
  'project.read': 'viewer',
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
  /** In a run, which can print what it is given. */
  'secret.use': 'editor',
  'secret.write': 'editor',
  'audit.read': 'owner',
} as const satisfies Record<string, Exclude<Role, 'user'>>
export type ProjectVerb = keyof typeof PROJECT_VERBS

/** Verbs on the server as a whole. */
export const SERVER_VERBS = {
  'project.list': 'user',
  'project.create': 'user',
  'account.read': 'user',
  'account.write': 'user',
  'token.read': 'user',
  'token.write': 'user',
  'server.read': 'user',
  'server.admin': 'admin',
  'user.read': 'admin',
  'user.write': 'admin',
  'audit.all': 'admin',
  'key.rotate': 'admin',
} as const satisfies Record<string, 'user' | 'admin'>
export type ServerVerb = keyof typeof SERVER_VERBS
export type Verb = ProjectVerb | ServerVerb

/** Every verb and the least role that may do it: the one table that the server, the CLI and docs/roles.md read. */
export const LEAST_ROLE: Readonly<Record<Verb, Role>> = { ...PROJECT_VERBS, ...SERVER_VERBS }
export const VERBS: readonly Verb[] = keysOf(LEAST_ROLE)

export const atLeast = (role: Role, least: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(least)

/** Whether a pattern of a token's scope names a verb: `run.read`, `run.*`, `*.read`, `*`. */
export const coversVerb = (pattern: string, verb: Verb): boolean => {
  const [noun = '', action = noun] = pattern.split('.')
  const [itsNoun, itsAction] = verb.split('.')
  return (noun === '*' || noun === itsNoun) && (action === '*' || action === itsAction)
}

/** `run.read`, `run.*`, `*.read` or `*`: something that exists. */
export const VerbPattern = z
  .string()
  .max(64)
  .refine((pattern) => VERBS.some((verb) => coversVerb(pattern, verb)), 'names no verb: write for example run.read, run.*, *.read')
  .meta({ id: 'VerbPattern' })
