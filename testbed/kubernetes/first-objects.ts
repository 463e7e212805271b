import * as z from 'zod'
import type { KubeClient } from './kube-call.ts'

/** Class of claims that the cluster makes volumes for, as folders of the machine that go with the cluster. */
export const STORAGE_CLASS = 'davit-hostpath'

/** What nobody else would make. */
const OBJECTS: readonly (readonly [path: string, object: object])[] = [
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

export const firstObjects = async (client: KubeClient): Promise<void> => {
  for (const [path, object] of OBJECTS) {
    const { status, body } = await client.call('POST', path, object)
    if (status !== 201 && status !== 409) throw new Error(`POST ${path}: ${JSON.stringify(body)}`)
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
