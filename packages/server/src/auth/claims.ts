import { DavitError, isOneOf, PROJECT_ROLES, type ProjectRole, UserName } from 'davit/contract'

/** Where in a token of the identity provider stands what we need. */
export interface ClaimRules {
  readonly nameClaim: string
  /** A list of texts; dots lead into objects: `realm_access.roles`. */
  readonly rolesClaim: string
  /** The role that makes an administrator. */
  readonly adminRole: string
}

export interface External {
  readonly issuer: string
  readonly subject: string
  readonly name: string
  readonly admin: boolean
  readonly roles: Readonly<Record<string, ProjectRole>>
}

type Claims = Readonly<Record<string, unknown>>

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const at = (claims: unknown, path: string): unknown => {
  const whole = typeof claims === 'object' && claims !== null && Object.hasOwn(claims, path) ? (claims as Claims)[path] : undefined
  if (whole !== undefined || !path.includes('.')) return whole
  const dot = path.indexOf('.')
  return at(at(claims, path.slice(0, dot)), path.slice(dot + 1))
}

/** The reference's words for a project's roles. */
const REFERENCE_ROLES: Readonly<Record<string, ProjectRole>> = { ROLE_ADMIN: 'owner', ROLE_USER: 'editor' }

const projectRole = (word: string): readonly [string, ProjectRole] | undefined => {
  const [, project = '', role = ''] = word.match(/^([a-z0-9-]+):(\w+)$/) ?? []
  const known = isOneOf(PROJECT_ROLES, role) ? role : REFERENCE_ROLES[role]
  return project !== '' && known ? [project, known] : undefined
}

/** The higher of two roles in each project. */
export const mergeRoles = (...all: readonly Readonly<Record<string, ProjectRole>>[]): Map<string, ProjectRole> => {
  const merged = new Map<string, ProjectRole>()
  for (const [project, role] of all.flatMap((roles) => Object.entries(roles))) {
    const known = merged.get(project)
    if (!known || PROJECT_ROLES.indexOf(role) > PROJECT_ROLES.indexOf(known)) merged.set(project, role)
  }
  return merged
}

/** A mail address counts as a name only where the provider says that it is the person's own. */
const nameOf = (claims: Claims, { nameClaim }: ClaimRules): string | undefined => {
  const email = claims['email_verified'] === true ? text(claims['email']) : undefined
  const chosen = nameClaim === 'email' ? email : text(at(claims, nameClaim))
  return chosen ?? email ?? text(claims['sub'])
}

/** Who a verified token of the identity provider is about, and the roles that it gives: `<project>:owner|editor|viewer`, and the administrator's. */
export const readClaims = (claims: Claims, rules: ClaimRules): External => {
  const [issuer, subject] = [text(claims['iss']), text(claims['sub'])]
  const name = nameOf(claims, rules)
    ?.replaceAll(/[^a-zA-Z0-9._@+-]/g, '-')
    .slice(0, 128)
  if (!issuer || !subject || !name || !UserName.safeParse(name).success)
    throw new DavitError('unauthenticated', 'the token of the identity provider names nobody')
  const words = [at(claims, rules.rolesClaim)].flat().filter((word) => typeof word === 'string')
  return {
    issuer,
    subject,
    name,
    admin: words.includes(rules.adminRole),
    roles: Object.fromEntries(mergeRoles(...words.map(projectRole).flatMap((pair) => (pair ? [Object.fromEntries([pair])] : [])))),
  }
}
