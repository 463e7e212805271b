import type { PodSecurity } from 'davit/contract'
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

/** A quota on these makes them mandatory; containers that ask for nothing then count as this much, and are not limited by it. */
const DEFAULT_REQUESTS = { cpu: '100m', memory: '128Mi' } as const

const inside = ({ namespace, labels }: Place, name: string) => ({ name, namespace, labels })

const quotaObjects = (place: Place, quota: Readonly<Record<string, string>>): readonly NamespaceObject[] => {
  const counted = Object.entries(DEFAULT_REQUESTS).filter(([resource]) => quota[resource] !== undefined || quota[`requests.${resource}`] !== undefined)
  const limits: NamespaceObject = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: inside(place, 'davit'),
    spec: { limits: [{ type: 'Container', defaultRequest: Object.fromEntries(counted) }] },
  }
  return [{ apiVersion: 'v1', kind: 'ResourceQuota', metadata: inside(place, 'davit'), spec: { hard: quota } }, ...(counted.length > 0 ? [limits] : [])]
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
