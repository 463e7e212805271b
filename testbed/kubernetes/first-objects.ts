import * as z from 'zod'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import type { WholeCluster } from './cluster-state.ts'
import type { KubeClient } from './kube-call.ts'
import { NETWORK, nodeAddress } from './layout.ts'

/** Class of claims that the cluster makes volumes for, as folders of the machine that go with the cluster. */
export const STORAGE_CLASS = 'davit-hostpath'

interface NewObject {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly [part: string]: unknown
}

/** What nobody else would make. */
const OBJECTS: readonly (readonly [path: string, object: NewObject])[] = [
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    {
      metadata: { name: 'davit-testbed-kube-proxy' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node-proxier' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'system:kube-proxy' }],
    },
  ],
  ['/apis/storage.k8s.io/v1/storageclasses', { metadata: { name: STORAGE_CLASS }, provisioner: 'kubernetes.io/host-path', reclaimPolicy: 'Delete' }],
]

const DNS_PORTS = ['UDP', 'TCP'].map((protocol) => ({ name: `dns-${protocol.toLowerCase()}`, protocol }))

/** Leads from the address that pods know to where the component `dns` listens. */
const DNS_OBJECTS: typeof OBJECTS = [
  [
    '/api/v1/namespaces/kube-system/services',
    { metadata: { name: 'kube-dns' }, spec: { clusterIP: NETWORK.dns, ports: DNS_PORTS.map((port) => ({ ...port, port: 53, targetPort: NETWORK.dnsPort })) } },
  ],
  [
    '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices',
    {
      metadata: { name: 'kube-dns', labels: { 'kubernetes.io/service-name': 'kube-dns', 'endpointslice.kubernetes.io/managed-by': 'davit-testbed' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [nodeAddress(0)], conditions: { ready: true } }],
      ports: DNS_PORTS.map((port) => ({ ...port, port: NETWORK.dnsPort })),
    },
  ],
]

/** A ready API server has no namespace `kube-system`, and no addresses to give, for another moment. */
const SOON_MS = 10_000

/** Makes what is not there yet. */
export const firstObjects = async (client: KubeClient, { settings: { nodes } }: Pick<WholeCluster, 'settings'>): Promise<void> => {
  for (const [path, object] of [...OBJECTS, ...(nodes > 0 ? DNS_OBJECTS : [])]) {
    let answer: unknown
    const done = async () => {
      // To make a Service again is no conflict: it is invalid, as its address is taken.
      if ((await client.call('GET', `${path}/${object.metadata.name}`)).status === 200) return true
      const { status, body } = await client.call('POST', path, object)
      answer = body
      return status === 201 || status === 409
    }
    if (!(await waitUntil(done, { timeout: SOON_MS, every: 50 }))) throw new Error(`POST ${path}: ${JSON.stringify(answer)}`)
  }
}

const Nodes = z.object({
  items: z.array(
    z.object({
      spec: z.object({ taints: z.array(z.object({ key: z.string() })).optional() }),
      status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional() }),
    }),
  ),
})

/** Whether this many nodes take pods, and pods of the namespace `default` have the account they run as. */
export const nodesReady = async (client: KubeClient, count: number): Promise<boolean> => {
  const { status, body } = await client.call('GET', '/api/v1/nodes?resourceVersion=0')
  if (status !== 200) return false
  const ready = Nodes.parse(body).items.filter(
    ({ spec, status: { conditions = [] } }) => conditions.some((each) => each.type === 'Ready' && each.status === 'True') && !spec.taints?.length,
  )
  if (ready.length < count) return false
  return (await client.call('GET', '/api/v1/namespaces/default/serviceaccounts/default')).status === 200
}
