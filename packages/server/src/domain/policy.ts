import { DavitError, nearestOf, PodSecurity, type Profile, type RunSpec } from 'davit/contract'
import { withProfile } from './with-profile.ts'

/** What the operator decides about everybody's runs. */
export interface RunPolicy {
  readonly profiles: Readonly<Record<string, Profile>>
  /** `restricted`: for every run, whatever it says. */
  readonly podSecurity: PodSecurity
  /** Names of the clusters that a run may go to. Undefined: the engine knows none, and says so on the run. */
  readonly clusters?: readonly string[] | undefined
  /** Whose tokens pods may have. Undefined: the engine knows no service accounts, and says so on the run. */
  readonly serviceAccounts?: AccountRules | undefined
}

export interface AccountRules {
  /** Davit's own, which may read what all projects have: no pod is ever given its token. */
  readonly own: string | undefined
  /** By cluster, the default one first: those that a run may name. `any`: projects have namespaces of their own, with accounts of their own. */
  readonly allowed: Readonly<Record<string, 'any' | readonly string[]>>
}

export const NO_POLICY: RunPolicy = { profiles: {}, podSecurity: 'baseline' }

/** The choices that a project makes for its runs. */
export interface ProjectChoices {
  readonly cluster?: string | undefined
  readonly pod_security?: PodSecurity | undefined
}

/** What a project's spec says about its runs. Rows of older versions may hold anything. */
export const choicesOf = ({ cluster, pod_security: security }: Readonly<Record<string, unknown>>): ProjectChoices => ({
  cluster: typeof cluster === 'string' && cluster !== '' ? cluster : undefined,
  pod_security: PodSecurity.safeParse(security).data,
})

/** The profile that applies without being named. */
const DEFAULT_PROFILE = 'default'

const notKnown = (field: 'profile' | 'cluster', name: string, known: readonly string[]): DavitError => {
  const nearest = nearestOf(name, known)
  const choice = known.length > 0 ? `known are: ${known.join(', ')}` : 'it has none'
  return new DavitError('invalid', `spec.${field} names a ${field} that this server does not have: ${name}; ${choice}`, {
    path: `spec.${field}`,
    ...(nearest !== undefined && { hint: `did you mean ${nearest}?` }),
  })
}

const profileOf = (name: string | undefined, profiles: RunPolicy['profiles']): Profile | undefined => {
  if (name && !Object.hasOwn(profiles, name)) throw notKnown('profile', name, Object.keys(profiles))
  const wanted = name || DEFAULT_PROFILE
  return Object.hasOwn(profiles, wanted) ? profiles[wanted] : undefined
}

/**
 * Who names a service account gets its token. In a namespace that projects share it may open what belongs to others, so only what the
 * operator allowed, or put into the profile, is taken. Throws `invalid`.
 */
function assertAccount(account: string, { own, allowed }: AccountRules, { cluster, profile }: { cluster: string | undefined; profile: Profile | undefined }) {
  const path = 'spec.service_account'
  if (account === own) throw new DavitError('invalid', `${path} must not be ${account}: that is the account of Davit itself`, { path })
  const names = (cluster === undefined ? Object.values(allowed)[0] : allowed[cluster]) ?? []
  if (names === 'any' || names.includes(account) || profile?.service_account === account) return
  const choice = names.length > 0 ? `allowed are: ${names.join(', ')}` : 'none is allowed'
  throw new DavitError('invalid', `${path} names ${account}, but projects share a namespace here: ${choice}`, {
    path,
    hint: 'an operator allows it by the setting service_accounts or in a profile, or gives each project a namespace (namespace_per_project)',
  })
}

/** A sealed run's spec with what its profile, its project and the server add. Throws `invalid` for a profile or cluster that does not exist, and for a service account that is not allowed. */
export function applyPolicy(spec: RunSpec, project: ProjectChoices, policy: RunPolicy): RunSpec {
  const profile = profileOf(spec.profile, policy.profiles)
  const merged = profile ? withProfile(spec, profile) : spec
  const levels = [merged.pod_security, project.pod_security]
  const security = policy.podSecurity === 'restricted' || levels.includes('restricted') ? 'restricted' : levels.find((level) => level !== undefined)
  const cluster = merged.cluster ?? project.cluster
  if (cluster !== undefined && policy.clusters && !policy.clusters.includes(cluster)) throw notKnown('cluster', cluster, policy.clusters)
  if (merged.service_account !== undefined && policy.serviceAccounts) assertAccount(merged.service_account, policy.serviceAccounts, { cluster, profile })
  return {
    ...merged,
    ...(profile && { profile: spec.profile || DEFAULT_PROFILE }),
    ...(security !== undefined && { pod_security: security }),
    ...(cluster !== undefined && { cluster }),
  }
}
