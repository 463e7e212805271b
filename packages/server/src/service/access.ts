import { atLeast, coversVerb, DavitError, LEAST_ROLE, PROJECT_VERBS, type ProjectVerb, type Role, type ServerVerb, type Verb } from 'davit/contract'
import type { Identity } from '#auth/identity.ts'

/** Who calls, proven by the http layer; the id under which the call is logged, and where it came from. */
export interface Caller extends Identity {
  readonly requestId: string
  readonly address: string
}

/** The name of everybody where there is no authentication. */
export const ANONYMOUS = 'anonymous'

/** Verbs on the server that a token of single projects keeps: they show no more than those projects. */
const SCOPED_SERVER_VERBS: readonly Verb[] = ['project.list', 'account.read', 'server.read']

const isProjectVerb = (verb: Verb): verb is ProjectVerb => Object.hasOwn(PROJECT_VERBS, verb)

export const roleIn = ({ admin, memberships }: Pick<Caller, 'admin' | 'memberships'>, project: string | undefined): Role =>
  admin ? 'admin' : ((project === undefined ? undefined : memberships.get(project)) ?? 'user')

export const isScoped = ({ scope }: Pick<Caller, 'scope'>): boolean => scope?.projects !== undefined || scope?.verbs !== undefined

const inScope = ({ scope }: Caller, verb: Verb, project: string | undefined): boolean => {
  if (scope?.verbs && !scope.verbs.some((pattern) => coversVerb(pattern, verb))) return false
  if (!scope?.projects) return true
  if (project !== undefined) return scope.projects.includes(project)
  return SCOPED_SERVER_VERBS.includes(verb)
}

export const may = (caller: Caller, ...[verb, project]: [ServerVerb, project?: string] | [ProjectVerb, project: string]): boolean =>
  inScope(caller, verb, project) && atLeast(roleIn(caller, isProjectVerb(verb) ? project : undefined), LEAST_ROLE[verb])

/**
 * Throws `forbidden` unless the caller may. The first line of every service function: before anything is looked up, so that a refusal
 * is the same whether the thing exists or not.
 */
export const assertMay = (caller: Caller, ...what: [ServerVerb, project?: string] | [ProjectVerb, project: string]): void => {
  if (may(caller, ...what)) return
  const [verb, project] = what
  throw new DavitError('forbidden', `${caller.name} may not ${verb.replace('.', ' ')}${project === undefined ? '' : ` in project ${project}`}`, {
    hint: isScoped(caller) ? 'the token that was used is limited: see `davit whoami`' : 'ask an owner of the project, or an administrator',
  })
}

/** Throws `forbidden` for a limited token: what is done here would give rights that have no limits. */
export const assertUnlimited = (caller: Caller, what: string): void => {
  if (isScoped(caller)) throw new DavitError('forbidden', `a limited token ${what}`, { hint: 'log in, or use a token without limits' })
}

/** The projects that a caller may see: for lists, search and notifications. */
export const visibleProjects = ({ admin, memberships, scope }: Caller): 'all' | readonly string[] => {
  if (admin) return scope?.projects ?? 'all'
  const own = [...memberships.keys()]
  return scope?.projects ? own.filter((name) => scope.projects?.includes(name)) : own
}
