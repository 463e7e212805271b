import type { KubeClient } from './cluster.ts'
import { FIELD_MANAGER } from './labels.ts'
import type { KubeObject } from './objects.ts'

/** Where the API has the kinds that Davit writes. */
const KINDS = {
  Namespace: { api: '/api/v1', resource: 'namespaces', namespaced: false },
  ResourceQuota: { api: '/api/v1', resource: 'resourcequotas', namespaced: true },
  LimitRange: { api: '/api/v1', resource: 'limitranges', namespaced: true },
  NetworkPolicy: { api: '/apis/networking.k8s.io/v1', resource: 'networkpolicies', namespaced: true },
  Pod: { api: '/api/v1', resource: 'pods', namespaced: true },
  Secret: { api: '/api/v1', resource: 'secrets', namespaced: true },
  ConfigMap: { api: '/api/v1', resource: 'configmaps', namespaced: true },
  Service: { api: '/api/v1', resource: 'services', namespaced: true },
  PersistentVolumeClaim: { api: '/api/v1', resource: 'persistentvolumeclaims', namespaced: true },
  Job: { api: '/apis/batch/v1', resource: 'jobs', namespaced: true },
  Deployment: { api: '/apis/apps/v1', resource: 'deployments', namespaced: true },
  ReplicaSet: { api: '/apis/apps/v1', resource: 'replicasets', namespaced: true },
} as const satisfies Record<string, { api: string; resource: string; namespaced: boolean }>
export type WrittenKind = keyof typeof KINDS

const isWritten = (kind: string): kind is WrittenKind => Object.hasOwn(KINDS, kind)

/** The API's path of a kind's collection in a namespace. */
export const collectionPath = (kind: WrittenKind, namespace: string): string => {
  const { api, resource, namespaced } = KINDS[kind]
  return namespaced ? `${api}/namespaces/${encodeURIComponent(namespace)}/${resource}` : `${api}/${resource}`
}

export const objectPath = (kind: WrittenKind, namespace: string, name: string): string => `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`

export interface WriteOptions {
  readonly signal?: AbortSignal | undefined
  /** Ask what would happen: admission and validation speak, nothing is written. */
  readonly dryRun?: boolean
}

const pathOf = ({ kind, metadata }: KubeObject): string => {
  if (!isWritten(kind)) throw new Error(`no path for kind ${kind}`)
  return objectPath(kind, metadata.namespace ?? '', metadata.name)
}

/** In the background unless said: see ADR 8. */
export type Propagation = 'Background' | 'Orphan'

export interface DeleteOptions {
  readonly propagation?: Propagation
  readonly graceSeconds?: number
  /** Only this very object, not a later one of its name. */
  readonly uid?: string | undefined
}

/** Answers of 404 to a delete or a patch: it is gone, which is what was wanted or cannot be changed any more. */
const unlessGone = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 404) return undefined
    throw error
  }
}

/** The few ways in which the adapter changes a cluster. Nothing else writes. */
export const writer = (client: KubeClient) => ({
  /** Server-side apply; never forced: a field that somebody else owns stays theirs, and the answer is a conflict. */
  apply: <T extends KubeObject>(manifest: KubeObject, { signal, dryRun = false }: WriteOptions = {}): Promise<T> =>
    client.request<T>({
      method: 'PATCH',
      path: pathOf(manifest),
      query: { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict', ...(dryRun && { dryRun: 'All' }) },
      body: manifest,
      signal,
    }),

  /** Merges a few fields into what exists. Undefined: there is nothing of that name. */
  patch: <T extends KubeObject>(kind: WrittenKind, { namespace, name }: { namespace: string; name: string }, patch: object): Promise<T | undefined> =>
    unlessGone(
      client.request<T>({
        method: 'PATCH',
        path: objectPath(kind, namespace, name),
        query: { fieldManager: FIELD_MANAGER },
        contentType: 'application/merge-patch+json',
        body: patch,
      }),
    ),

  /** Deletes one object. The answer: the object, if something holds it for a while, else a Status. Undefined: it was gone already. */
  delete: (kind: WrittenKind, { namespace, name }: { namespace: string; name: string }, options: DeleteOptions = {}): Promise<KubeObject | undefined> => {
    const { propagation = 'Background', graceSeconds, uid } = options
    return unlessGone(
      client.request<KubeObject>({
        method: 'DELETE',
        path: objectPath(kind, namespace, name),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: propagation,
          ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }),
          ...(uid !== undefined && { preconditions: { uid } }),
        },
      }),
    )
  },

  /** Deletes everything of a kind with these labels. */
  deleteAll: async (kind: WrittenKind, namespace: string, labelSelector: string): Promise<void> => {
    await unlessGone(client.request({ method: 'DELETE', path: collectionPath(kind, namespace), query: { labelSelector, propagationPolicy: 'Background' } }))
  },
})
export type Writer = ReturnType<typeof writer>
