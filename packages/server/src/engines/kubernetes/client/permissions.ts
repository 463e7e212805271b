import type { KubeClient } from '../cluster.ts'

/** Verbs by resource: `jobs` of a group as `batch/jobs`, subresources as `pods/log`, `apps/deployments/scale`. */
export type RequiredPermissions = Readonly<Record<string, readonly string[]>>

export interface PermissionQuestion {
  /** Undefined: in all namespaces. */
  readonly namespace: string | undefined
  readonly required: RequiredPermissions
  readonly signal?: AbortSignal
}

interface Resource {
  readonly group: string
  readonly resource: string
  readonly subresource: string
}

interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
}

const AUTHORIZATION = '/apis/authorization.k8s.io/v1'
/** The API groups without a dot: `pods/log` begins with none of them. */
const DOTLESS = new Set(['apps', 'autoscaling', 'batch', 'extensions', 'policy'])
/** Belong to no namespace, so they are asked about without one. */
const CLUSTER_WIDE = new Set(['nodes', 'persistentvolumes', 'storageclasses', 'priorityclasses', 'runtimeclasses'])
const AT_ONCE = 8

/** `apps/deployments/scale` → group, resource, subresource. */
export function parseResource(name: string): Resource {
  const [first = '', ...rest] = name.split('/')
  const [group, resource = '', subresource = ''] = DOTLESS.has(first) || first.includes('.') ? [first, ...rest] : ['', first, ...rest]
  return { group, resource, subresource }
}

const holds = (list: readonly string[] | undefined, wanted: string): boolean => list !== undefined && (list.includes('*') || list.includes(wanted))

/** Whether rules of a namespace allow a verb on all objects of a resource. */
export const isAllowed = (rules: readonly Rule[], { group, resource, subresource }: Resource, verb: string): boolean =>
  rules.some(
    ({ verbs, apiGroups, resources, resourceNames = [] }) =>
      resourceNames.length === 0 &&
      holds(verbs, verb) &&
      holds(apiGroups, group) &&
      (holds(resources, subresource ? `${resource}/${subresource}` : resource) || (subresource !== '' && (resources?.includes(`*/${subresource}`) ?? false))),
  )

async function rulesOf(client: KubeClient, namespace: string, signal: AbortSignal | undefined): Promise<readonly Rule[]> {
  const answer = await client.request<{ status?: { resourceRules?: readonly Rule[] } }>({
    method: 'POST',
    path: `${AUTHORIZATION}/selfsubjectrulesreviews`,
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } },
    signal,
  })
  return answer.status?.resourceRules ?? []
}

/** Asks the authorizer itself: rules may come from where they cannot be listed (a webhook). */
async function mayI(client: KubeClient, attributes: object, signal: AbortSignal | undefined): Promise<boolean> {
  const answer = await client.request<{ status?: { allowed?: boolean } }>({
    method: 'POST',
    path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: attributes } },
    signal,
  })
  return answer.status?.allowed === true
}

/** One by one, `AT_ONCE` in parallel; what fails the test stays. */
async function filterAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept: T[] = []
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const slice = items.slice(start, start + AT_ONCE)
    const verdicts = await Promise.all(slice.map(test))
    kept.push(...slice.filter((_, index) => verdicts[index] === true))
  }
  return kept
}

/**
 * What the cluster does not let us do, a sentence per resource, empty when all is well. One call where everything is allowed in one
 * namespace; what seems missing is asked for verb by verb. Throws what the client throws.
 */
export async function missingPermissions(client: KubeClient, { namespace, required, signal }: PermissionQuestion): Promise<readonly string[]> {
  const rules = namespace === undefined ? [] : await rulesOf(client, namespace, signal)
  const wanted = Object.entries(required).flatMap(([name, verbs]) => verbs.map((verb) => ({ name, verb, ...parseResource(name) })))
  const unclear = wanted.filter((each) => !isAllowed(rules, each, each.verb))
  const missing = await filterAsync(unclear, async ({ group, resource, subresource, verb }) => {
    const where = namespace === undefined || CLUSTER_WIDE.has(resource) ? {} : { namespace }
    return !(await mayI(client, { ...where, group, resource, verb, ...(subresource && { subresource }) }, signal))
  })
  const place = namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`
  return [...Map.groupBy(missing, ({ name }) => name)].map(
    ([name, verbs]) =>
      `Davit may not ${verbs.map(({ verb }) => verb).join(', ')} ${name} ${CLUSTER_WIDE.has(parseResource(name).resource) ? 'in the cluster' : place}.`,
  )
}
