import { envList, labelMap, type Profile, type Resources, type RunSpec, selectorMap } from 'davit/contract'

type Merge<Field extends keyof Profile> = (profile: NonNullable<Profile[Field]>, own: NonNullable<Profile[Field]>) => Profile[Field]

const amounts = (resources: Resources): Record<string, unknown> =>
  Array.isArray(resources) ? Object.fromEntries(resources.map(({ resource_type, ...pair }) => [resource_type, pair])) : resources

const own =
  <Field extends keyof Profile>(): Merge<Field> =>
  (_, value) =>
    value

/** How a profile's field and a run's become one: what has keys key by key, what adds up is added up, all else is the run's. */
const MERGES: { readonly [Field in keyof Required<Profile>]: Merge<Field> } = {
  resources: (profile, run) => ({ ...amounts(profile), ...amounts(run) }),
  node_selector: (profile, run) => ({ ...selectorMap(profile), ...selectorMap(run) }),
  labels: (profile, run) => ({ ...labelMap(profile), ...labelMap(run) }),
  annotations: (profile, run) => ({ ...profile, ...run }),
  // Of one name the last counts.
  env: (profile, run) => [...envList(profile), ...envList(run)].map((variable) => ({ ...variable })),
  // The run's own come first, so that they stand where their user put them.
  tolerations: (profile, run) => [...run, ...profile],
  image_pull_secrets: (profile, run) => [...new Set([...run, ...profile])],
  volumes: (profile, run) => [
    ...run,
    ...profile.filter(({ name, mount_path }) => !run.some((volume) => volume.name === name || volume.mount_path === mount_path)),
  ],
  affinity: own<'affinity'>(),
  runtime_class: own<'runtime_class'>(),
  priority_class: own<'priority_class'>(),
  service_account: own<'service_account'>(),
  pod_security: (profile, run) => (profile === 'restricted' ? profile : run),
}

const mergedField = <Field extends keyof Profile>(field: Field, profile: Profile, run: RunSpec): Profile[Field] => {
  const theirs = profile[field]
  // A run's spec has every field of a profile, with the profile's own type.
  const ours = run[field] as Profile[Field]
  if (theirs === undefined || theirs === null) return ours
  return ours === undefined || ours === null ? theirs : MERGES[field](theirs, ours)
}

/** A run's parameters on top of a profile's. */
export function withProfile(run: RunSpec, profile: Profile): RunSpec {
  const fields = Object.keys(MERGES) as readonly (keyof Profile)[]
  const merged = fields.flatMap((field) => {
    const value = mergedField(field, profile, run)
    return value === undefined ? [] : [[field, value] as const]
  })
  return { ...run, ...Object.fromEntries(merged) }
}
