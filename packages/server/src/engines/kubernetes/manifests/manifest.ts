import type { KubeObject, Metadata } from '../objects.ts'

type Text = Readonly<Record<string, string>>

export interface EnvEntry {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } }
}

export interface VolumeMount {
  readonly name: string
  readonly mountPath: string
  readonly subPath?: string
  readonly readOnly?: true
}

/** A key of a Secret or ConfigMap, and the file that shows it. */
export interface KeyToPath {
  readonly key: string
  readonly path: string
}

export interface ClaimSpec {
  readonly accessModes: readonly string[]
  readonly storageClassName?: string
  readonly resources: { readonly requests: { readonly storage: string } }
}

/** What a volume of a pod is; exactly one of these. */
export type VolumeSource =
  | { readonly emptyDir: { readonly medium?: 'Memory'; readonly sizeLimit?: string } }
  | { readonly ephemeral: { readonly volumeClaimTemplate: { readonly metadata: { readonly labels: Text }; readonly spec: ClaimSpec } } }
  | { readonly persistentVolumeClaim: { readonly claimName: string; readonly readOnly?: true } }
  | { readonly configMap: { readonly name: string; readonly items?: readonly KeyToPath[]; readonly defaultMode: number } }
  | { readonly secret: { readonly secretName: string; readonly items: readonly KeyToPath[]; readonly defaultMode: number } }
  | { readonly image: { readonly reference: string; readonly pullPolicy: string } }

export interface ResourceRequirements {
  readonly requests?: Text
  readonly limits?: Text
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly imagePullPolicy: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly EnvEntry[]
  readonly ports?: readonly { readonly containerPort: number; readonly protocol: 'TCP' | 'UDP' }[]
  readonly resources?: ResourceRequirements
  readonly volumeMounts?: readonly VolumeMount[]
  readonly readinessProbe?: { readonly tcpSocket: { readonly port: number }; readonly periodSeconds: number }
  readonly securityContext: {
    readonly privileged: false
    readonly allowPrivilegeEscalation: false
    readonly capabilities?: { readonly drop: readonly string[] }
  }
}

export interface PodSpec {
  readonly containers: readonly [Container]
  readonly restartPolicy: 'Always' | 'Never'
  readonly automountServiceAccountToken: boolean
  readonly serviceAccountName?: string
  readonly enableServiceLinks: false
  readonly shareProcessNamespace: true
  readonly terminationGracePeriodSeconds: number
  readonly activeDeadlineSeconds?: number
  readonly securityContext: {
    readonly seccompProfile: { readonly type: 'RuntimeDefault' }
    readonly runAsNonRoot?: true
    readonly runAsUser?: number
    readonly runAsGroup?: number
    readonly fsGroup?: number
    readonly fsGroupChangePolicy?: 'OnRootMismatch'
  }
  readonly nodeSelector?: Text
  readonly affinity?: Readonly<Record<string, unknown>>
  readonly tolerations?: readonly Readonly<Record<string, unknown>>[]
  readonly priorityClassName?: string
  readonly runtimeClassName?: string
  readonly imagePullSecrets?: readonly { readonly name: string }[]
  readonly volumes?: readonly ({ readonly name: string } & VolumeSource)[]
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Text; readonly annotations: Text }
  readonly spec: PodSpec
}

interface Made<Version extends string, Kind extends string> extends KubeObject {
  readonly apiVersion: Version
  readonly kind: Kind
  readonly metadata: Metadata & { readonly namespace: string }
  readonly [field: string]: unknown
}

export interface JobManifest extends Made<'batch/v1', 'Job'> {
  readonly spec: {
    readonly parallelism: 1
    readonly completions: 1
    readonly backoffLimit: 0
    readonly podReplacementPolicy: 'Failed'
    readonly ttlSecondsAfterFinished: number
    readonly suspend: boolean
    readonly template: PodTemplate
  }
}

export interface DeploymentManifest extends Made<'apps/v1', 'Deployment'> {
  readonly spec: {
    readonly replicas: number
    readonly selector: { readonly matchLabels: Text }
    readonly strategy: { readonly type: 'RollingUpdate' }
    readonly progressDeadlineSeconds: number
    readonly template: PodTemplate
  }
}

export interface PodManifest extends Made<'v1', 'Pod'> {
  readonly spec: PodSpec
}

export interface SecretManifest extends Made<'v1', 'Secret'> {
  readonly type: 'Opaque'
  /** In base64. */
  readonly data: Text
}

export interface ConfigMapManifest extends Made<'v1', 'ConfigMap'> {
  readonly data: Text
  readonly immutable: true
}

export interface ClaimManifest extends Made<'v1', 'PersistentVolumeClaim'> {
  readonly spec: ClaimSpec
}

export interface ServiceManifest extends Made<'v1', 'Service'> {
  readonly spec: {
    readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer'
    readonly clusterIP?: 'None'
    readonly selector: Text
    readonly ports: readonly {
      readonly name: string
      readonly port: number
      readonly targetPort: number
      readonly protocol: 'TCP' | 'UDP'
      readonly nodePort?: number
    }[]
  }
}

/** The object that an attempt is; all else of it belongs to this one. */
export type MainManifest = JobManifest | DeploymentManifest
/** Goes when its attempt's main object goes. */
export type DependentManifest = SecretManifest | ConfigMapManifest | ServiceManifest

/** What the operator decides, for everybody's workloads. */
export interface ManifestDefaults {
  /** The resource that a node's GPUs are. Default: `nvidia.com/gpu`. */
  readonly gpuResource?: string | undefined
  /** For claims that name none. Default: the cluster's own. */
  readonly storageClass?: string | undefined
}

export interface ManifestOptions {
  readonly namespace: string
  /** Several projects live in this namespace: names that do not hold the run's id must hold the project's. */
  readonly shared: boolean
  readonly installation: string
  readonly secrets: Text
  /** Seconds that a finished Job stays if nobody removes it. Default: 7 days. */
  readonly ttlSeconds?: number | undefined
  readonly defaults: ManifestDefaults
}
