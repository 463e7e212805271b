import { PROJECT_VERBS, type Verb } from 'davit/contract'
import { mayDo } from '../../packages/server/src/http/testing/rights.ts'
import { INNER_VERB_OF, VERB_OF } from '../../packages/server/src/http/testing/verbs-of-endpoints.ts'
import type { Actor } from './actors.ts'
import type { Exchange, WireRequest } from './exchange.ts'
import { type Operation, operationFor } from './operations.ts'

/** What an administrator must not be lured into: afterwards others would rightly have more, or less, than they are said to. */
const CHANGES_RIGHTS =
  /^(members\.(put|delete)|shares\.(share|unshare)|projects\.delete|users\.(create|update|delete|setPassword)|tokens\.delete|account\.logout)$/
export const changesRights = ({ id }: Operation, { role }: Actor): boolean => role === 'admin' && CHANGES_RIGHTS.test(id)

const may = (actor: Actor, verb: Verb, project: string | undefined): boolean =>
  mayDo({ ...actor, roles: { ...Object.fromEntries(actor.granted), ...actor.roles } }, verb, project)

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The project that a path names, as the server reads it. */
export const projectIn = ({ path }: Operation, target: string): string | undefined => {
  const at = path.split('/').findIndex((part) => part === '{project}' || (part === '{name}' && path.startsWith('/api/v1/projects')))
  const part = (target.split(/[?#]/)[0] ?? '').split('/')[at]
  return at < 0 || part === undefined ? undefined : decoded(part)
}

const projectOf = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && 'project' in value && typeof value.project === 'string' ? value.project : undefined

/** In which projects an answer's entities are. */
const projectsTold = (answer: unknown): readonly string[] => {
  const rows: unknown = typeof answer === 'object' && answer !== null && 'content' in answer ? answer.content : [answer]
  return Array.isArray(rows) ? rows.flatMap((row) => projectOf(row) ?? []) : []
}

type Asked = readonly (readonly [verb: Verb, project: string | undefined])[]

/** What had to be allowed for an answer: in the project that the path names, or else in those that the answer is of. */
const askedOf = (
  id: string,
  verb: Verb,
  { actor, told, named }: { readonly actor: Actor; readonly told: readonly string[]; readonly named: string | undefined },
): Asked => {
  if (id === 'audit.list') return may(actor, 'audit.all', undefined) ? [] : told.map((name) => ['audit.read', name] as const)
  const isInProject = verb in PROJECT_VERBS && named === undefined
  return isInProject ? told.map((name) => [verb, name] as const) : [[verb, named]]
}

/** What an operation asks for. One's own password is one's own to set. */
const verbOf = ({ id, path }: Operation, { account }: Actor, target: string): Verb | undefined => {
  const own = id === 'users.setPassword' && account !== '' && decoded(target).startsWith(path.replace('{user}', account))
  return own ? 'account.write' : VERB_OF[id]
}

/** What succeeded beyond what somebody may; undefined: nothing. */
export const trespass = (actor: Actor, { method, target }: WireRequest, exchange: Exchange & { readonly json: unknown }): string | undefined => {
  const operation = operationFor(method === 'HEAD' ? 'GET' : method, target)
  if (!operation || operation.open || exchange.status === 0 || exchange.status >= 400) return undefined
  if (actor.role === undefined) return `${actor.name} got ${operation.id}`
  const [verb, inner] = [verbOf(operation, actor, target), INNER_VERB_OF[operation.id]]
  if (verb === undefined) return undefined
  const told = projectsTold(exchange.json)
  const inside = inner === undefined ? [] : told.map((name) => [inner, name] as const)
  const wrong = [...askedOf(operation.id, verb, { actor, told, named: projectIn(operation, target) }), ...inside].find(
    ([what, where]) => !may(actor, what, where),
  )
  return wrong && `${actor.name} may not ${wrong[0]} in ${wrong[1]}, and got ${operation.id}: ${exchange.body.slice(0, 300)}`
}
