import { atLeast, coversVerb, LEAST_ROLE, PROJECT_VERBS, type Role, type Verb } from 'davit/contract'

/** Who somebody is said to be, and what that should open. */
export interface Rights {
  /** `admin`: of the server; `user`: whoever is in no project; undefined: nobody knows who this is. */
  readonly role: 'admin' | 'user' | undefined
  /** By project. */
  readonly roles?: Readonly<Record<string, Role>>
  /** What the token that is used is limited to. */
  readonly verbs?: readonly string[]
  readonly projects?: readonly string[]
}

/** What a token of single projects may still ask of the server. */
const HARMLESS: readonly Verb[] = ['project.list', 'account.read', 'server.read']

/** What the table of roles says, read once more: whether somebody may do a verb, in a project or on the server. */
export const mayDo = ({ role, roles = {}, verbs, projects }: Rights, verb: Verb, project: string | undefined): boolean => {
  if (role === undefined) return false
  if (verbs && !verbs.some((pattern) => coversVerb(pattern, verb))) return false
  if (projects && !(project === undefined ? HARMLESS.includes(verb) : projects.includes(project))) return false
  const held = role === 'admin' || !(verb in PROJECT_VERBS) ? role : (roles[project ?? ''] ?? 'user')
  return atLeast(held, LEAST_ROLE[verb])
}
