/** The parts of Kubernetes' objects that Davit reads, as they come over the wire: times are text (RFC 3339). Everything may be missing. */
export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
  readonly finalizers?: readonly string[]
}

/** What every object has. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
}

export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
}

export interface Job extends KubeObject {
  readonly spec?: { readonly suspend?: boolean }
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly active?: number
    readonly succeeded?: number
    readonly failed?: number
    readonly startTime?: string
    readonly completionTime?: string
  }
}

/** What is read of a container in a pod template: enough to tell an edit by hand. */
export interface ContainerTemplate {
  readonly name?: string
  readonly image?: string
  /** As digests. */
  readonly command?: string
  readonly args?: string
  readonly env?: string
  readonly resources?: { readonly requests?: Readonly<Record<string, string>>; readonly limits?: Readonly<Record<string, string>> }
}

export interface TemplateObject {
  readonly spec?: { readonly containers?: readonly ContainerTemplate[] }
}

export interface Deployment extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly paused?: boolean; readonly template?: TemplateObject }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly updatedReplicas?: number
    readonly conditions?: readonly Condition[]
  }
}

export interface ReplicaSet extends KubeObject {
  readonly spec?: { readonly replicas?: number }
  readonly status?: { readonly replicas?: number; readonly conditions?: readonly Condition[] }
}

export interface Terminated {
  readonly exitCode: number
  readonly signal?: number
  readonly reason?: string
  readonly message?: string
  readonly startedAt?: string
  readonly finishedAt?: string
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: Terminated
}

export interface ContainerStatus {
  readonly name: string
  readonly ready?: boolean
  readonly restartCount?: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
  readonly image?: string
  readonly imageID?: string
}

export interface Pod extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string
    readonly activeDeadlineSeconds?: number
    readonly terminationGracePeriodSeconds?: number
    readonly nodeSelector?: Readonly<Record<string, string>>
    readonly affinity?: { readonly nodeAffinity?: unknown }
    readonly containers?: readonly { readonly name?: string; readonly image?: string }[]
  }
  readonly status?: {
    readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
    readonly reason?: string
    readonly message?: string
    readonly podIP?: string
    readonly hostIP?: string
    readonly startTime?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

export interface ServicePortObject {
  readonly name?: string
  readonly port: number
  readonly targetPort?: number | string
  readonly nodePort?: number
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP'
}

export interface Service extends KubeObject {
  readonly spec?: {
    readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName'
    readonly clusterIP?: string
    readonly ports?: readonly ServicePortObject[]
    readonly selector?: Readonly<Record<string, string>>
  }
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] } }
}

export interface Claim extends KubeObject {
  readonly spec?: { readonly storageClassName?: string; readonly volumeName?: string }
  readonly status?: { readonly phase?: 'Pending' | 'Bound' | 'Lost' }
}

/** An event of the core API: what a controller, the scheduler or a kubelet had to say about an object. */
export interface KubeEvent extends KubeObject {
  readonly involvedObject: { readonly kind?: string; readonly namespace?: string; readonly name?: string; readonly uid?: string }
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly firstTimestamp?: string
  readonly lastTimestamp?: string
  readonly eventTime?: string
}

/** The kinds that are watched, and where the API has them. `ours`: only those with the labels of this installation. */
export const WATCHED = {
  jobs: { apiVersion: 'batch/v1', kind: 'Job', path: '/apis/batch/v1', resource: 'jobs', ours: true },
  deployments: { apiVersion: 'apps/v1', kind: 'Deployment', path: '/apis/apps/v1', resource: 'deployments', ours: true },
  replicaSets: { apiVersion: 'apps/v1', kind: 'ReplicaSet', path: '/apis/apps/v1', resource: 'replicasets', ours: true },
  pods: { apiVersion: 'v1', kind: 'Pod', path: '/api/v1', resource: 'pods', ours: true },
  services: { apiVersion: 'v1', kind: 'Service', path: '/api/v1', resource: 'services', ours: true },
  claims: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', path: '/api/v1', resource: 'persistentvolumeclaims', ours: true },
  events: { apiVersion: 'v1', kind: 'Event', path: '/api/v1', resource: 'events', ours: false },
} as const satisfies Record<string, { apiVersion: string; kind: string; path: string; resource: string; ours: boolean }>
export type WatchedKind = keyof typeof WATCHED

/** What each watched kind's objects are. */
export interface WatchedObjects {
  readonly jobs: Job
  readonly deployments: Deployment
  readonly replicaSets: ReplicaSet
  readonly pods: Pod
  readonly services: Service
  readonly claims: Claim
  readonly events: KubeEvent
}
