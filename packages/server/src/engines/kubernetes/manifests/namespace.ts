import { keysOf, parseQuantity, type PodSecurity } from 'davit/contract'
import { LABEL, labelValue } from '../labels.ts'
import type { KubeObject } from '../objects.ts'
import { EXPOSED } from './services.ts'

/** What the operator wants in the namespace of each project. */
export interface NamespaceExtras {
  readonly installation: string
  /** ResourceQuota: resource → amount, as Kubernetes names them: `{ 'requests.cpu': '8', pods: '50' }`. */
  readonly quota?: Readonly<Record<string, string>> | undefined
  /** Only pods of the same project may call in, save to services that are open to the outside. `closed`: nor may they call out. */
  readonly networkPolicy?: boolean | 'closed' | undefined
  /** The Pod Security level that the namespace enforces on everybody's pods. */
  readonly podSecurity?: PodSecurity | undefined
}

interface NamespaceObject extends KubeObject {
  readonly [field: string]: unknown
}

interface Place {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
}

/**
 * A quota on these makes them mandatory. Containers that ask for nothing then count as `request`; those without a limit are held to
 * `limit`, but only where the quota is one of limits: it lets no other in.
 */
const DEFAULTS = { cpu: { request: '100m', limit: '1' }, memory: { request: '128Mi', limit: '1Gi' } } as const

/** No more than the whole quota, which would let nothing in. */
const atMost = (amount: string, ...quotas: readonly (string | undefined)[]): string =>
  quotas.reduce<string>(
    (least, quota) => ((parseQuantity(quota ?? '') ?? Number.POSITIVE_INFINITY) < (parseQuantity(least) ?? 0) ? (quota ?? least) : least),
    amount,
  )

/** What the containers of a namespace get where they ask for nothing and its quota wants that they do. */
function defaultsUnder(quota: Readonly<Record<string, string>>) {
  const quotasOn = (resource: string) => [quota[resource], quota[`requests.${resource}`], quota[`limits.${resource}`]]
  const counted = keysOf(DEFAULTS).filter((resource) => quotasOn(resource).some((amount) => amount !== undefined))
  const limited = keysOf(DEFAULTS).filter((resource) => quota[`limits.${resource}`] !== undefined)
  const requests = counted.map((resource) => [resource, atMost(DEFAULTS[resource].request, ...quotasOn(resource))])
  const limits = limited.map((resource) => [resource, atMost(DEFAULTS[resource].limit, quota[`limits.${resource}`])])
  return { ...(requests.length > 0 && { defaultRequest: Object.fromEntries(requests) }), ...(limits.length > 0 && { default: Object.fromEntries(limits) }) }
}

const inside = ({ namespace, labels }: Place, name: string) => ({ name, namespace, labels })

const quotaObjects = (place: Place, quota: Readonly<Record<string, string>>): readonly NamespaceObject[] => {
  const defaults = defaultsUnder(quota)
  const limits: NamespaceObject = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: inside(place, 'davit'),
    spec: { limits: [{ type: 'Container', ...defaults }] },
  }
  return [
    { apiVersion: 'v1', kind: 'ResourceQuota', metadata: inside(place, 'davit'), spec: { hard: quota } },
    ...(Object.keys(defaults).length > 0 ? [limits] : []),
  ]
}

const networkPolicy = (place: Place, name: string, spec: Record<string, unknown>): NamespaceObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: inside(place, name),
  spec,
})

const NEIGHBOURS = [{ podSelector: {} }]
const DNS = { ports: ['UDP', 'TCP'].map((protocol) => ({ port: 53, protocol })), to: [{ namespaceSelector: {} }] }

/** What no policy allows is denied to a pod that any policy selects. */
const networkPolicies = (place: Place, closed: boolean): readonly NamespaceObject[] => [
  networkPolicy(place, 'davit', {
    podSelector: {},
    policyTypes: closed ? ['Ingress', 'Egress'] : ['Ingress'],
    ingress: [{ from: NEIGHBOURS }],
    ...(closed && { egress: [{ to: NEIGHBOURS }, DNS] }),
  }),
  networkPolicy(place, 'davit-exposed', { podSelector: { matchLabels: { [EXPOSED]: 'true' } }, policyTypes: ['Ingress'], ingress: [{}] }),
]

/** A project's own namespace and what stands in it before any run: to be applied in this order. */
export function namespaceManifests(project: string, extras: NamespaceExtras & { readonly namespace: string }): readonly NamespaceObject[] {
  const { namespace, installation, quota = {}, networkPolicy: policy = false, podSecurity } = extras
  const labels = { [LABEL.managedBy]: 'davit', [LABEL.installation]: labelValue(installation), [LABEL.project]: labelValue(project) }
  const place = { namespace, labels }
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { ...labels, ...(podSecurity && { 'pod-security.kubernetes.io/enforce': podSecurity }) } },
    },
    ...(Object.keys(quota).length > 0 ? quotaObjects(place, quota) : []),
    ...(policy === false ? [] : networkPolicies(place, policy === 'closed')),
  ]
}
