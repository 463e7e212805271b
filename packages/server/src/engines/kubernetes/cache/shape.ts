import { LABEL } from '../labels.ts'
import { digest } from '../observe/applied.ts'
import {
  type Condition,
  type ContainerState,
  type ContainerTemplate,
  type Metadata,
  type OwnerReference,
  WATCHED,
  type WatchedKind,
  type WatchedObjects,
} from '../objects.ts'

/** Which fields of a `T` are kept: all of it, only keys of ours, its digest, or field by field. A field that is new in the type is missing here until decided. */
type Shape<T> =
  | true
  | 'ours'
  | 'digest'
  | (T extends readonly (infer Item)[] ? readonly [Shape<Item>] : T extends object ? { readonly [Key in keyof T]-?: Shape<NonNullable<T[Key]>> } : never)

type AnyShape = true | 'ours' | 'digest' | readonly [AnyShape] | { readonly [key: string]: AnyShape }

const OWNER = { apiVersion: true, kind: true, name: true, uid: true, controller: true, blockOwnerDeletion: true } as const satisfies Shape<OwnerReference>
const METADATA = {
  name: true,
  namespace: true,
  uid: true,
  resourceVersion: true,
  generation: true,
  creationTimestamp: true,
  deletionTimestamp: true,
  labels: 'ours',
  annotations: 'ours',
  ownerReferences: [OWNER],
  finalizers: true,
} as const satisfies Shape<Metadata>
const CONDITION = { type: true, status: true, reason: true, message: true, lastTransitionTime: true } as const satisfies Shape<Condition>
const TERMINATED = { exitCode: true, signal: true, reason: true, message: true, startedAt: true, finishedAt: true } as const
const STATE = {
  waiting: { reason: true, message: true },
  running: { startedAt: true },
  terminated: TERMINATED,
} as const satisfies Shape<ContainerState>
const CONTAINER = { name: true, image: true } as const
const TEMPLATE = {
  ...CONTAINER,
  command: 'digest',
  args: 'digest',
  env: 'digest',
  resources: { requests: true, limits: true },
} as const satisfies Shape<ContainerTemplate>
const OBJECT = { apiVersion: true, kind: true, metadata: METADATA } as const

const SHAPES = {
  jobs: {
    ...OBJECT,
    spec: { suspend: true },
    status: { conditions: [CONDITION], active: true, succeeded: true, failed: true, startTime: true, completionTime: true },
  },
  deployments: {
    ...OBJECT,
    spec: { replicas: true, paused: true, template: { spec: { containers: [TEMPLATE] } } },
    status: { observedGeneration: true, replicas: true, readyReplicas: true, availableReplicas: true, updatedReplicas: true, conditions: [CONDITION] },
  },
  replicaSets: { ...OBJECT, spec: { replicas: true }, status: { replicas: true, conditions: [CONDITION] } },
  pods: {
    ...OBJECT,
    spec: {
      nodeName: true,
      activeDeadlineSeconds: true,
      terminationGracePeriodSeconds: true,
      nodeSelector: true,
      affinity: { nodeAffinity: true },
      containers: [CONTAINER],
    },
    status: {
      phase: true,
      reason: true,
      message: true,
      podIP: true,
      hostIP: true,
      startTime: true,
      conditions: [CONDITION],
      containerStatuses: [{ name: true, ready: true, restartCount: true, state: STATE, lastState: STATE, image: true, imageID: true }],
    },
  },
  services: {
    ...OBJECT,
    spec: { type: true, clusterIP: true, ports: [{ name: true, port: true, targetPort: true, nodePort: true, protocol: true }], selector: true },
    status: { loadBalancer: { ingress: [{ ip: true, hostname: true }] } },
  },
  claims: { ...OBJECT, spec: { storageClassName: true, volumeName: true }, status: { phase: true } },
  events: {
    ...OBJECT,
    involvedObject: { kind: true, namespace: true, name: true, uid: true },
    reason: true,
    message: true,
    count: true,
    firstTimestamp: true,
    lastTimestamp: true,
    eventTime: true,
  },
} as const satisfies { readonly [Kind in WatchedKind]: Shape<WatchedObjects[Kind]> }

const OUR_PREFIXES = ['davit.dev/', 'app.kubernetes.io/'] as const
/** Of others, but telling: which revision a ReplicaSet or a pod belongs to. */
const TELLING = new Set(['pod-template-hash', 'deployment.kubernetes.io/revision'])

type Cut = (value: unknown) => unknown

const isOurs = (key: string): boolean => OUR_PREFIXES.some((prefix) => key.startsWith(prefix)) || TELLING.has(key)

function ours(pairs: unknown): unknown {
  const kept: Record<string, unknown> = {}
  if (typeof pairs === 'object' && pairs !== null) for (const key in pairs) if (isOurs(key)) kept[key] = Reflect.get(pairs, key)
  return kept
}

const isList = (shape: AnyShape): shape is readonly [AnyShape] => Array.isArray(shape)

/** A shape as a function, made once: it runs for each event. */
function cutter(shape: AnyShape): Cut {
  if (shape === true) return (value) => value
  if (shape === 'ours') return ours
  if (shape === 'digest') return digest
  if (isList(shape)) {
    const cutItem = cutter(shape[0])
    return (value) => (Array.isArray(value) ? value.map(cutItem) : undefined)
  }
  const parts = Object.entries(shape).map(([key, part]) => ({ key, cut: part === true ? undefined : cutter(part) }))
  return (value) => {
    if (typeof value !== 'object' || value === null) return undefined
    const kept: Record<string, unknown> = {}
    for (const { key, cut } of parts) {
      const part: unknown = Reflect.get(value, key)
      if (part !== undefined && part !== null) kept[key] = cut === undefined ? part : cut(part)
    }
    return kept
  }
}

const CUTTERS = Object.fromEntries(Object.entries(SHAPES).map(([kind, shape]) => [kind, cutter(shape)]))

/** An object as the API sends it, alone or in a list (there without its kind). */
export type RawObject = { readonly metadata?: { readonly name?: unknown; readonly resourceVersion?: unknown } }

/**
 * The part of an object that is kept; everything else may be forgotten. Throws for what is no object of the API.
 * The cast is the boundary: the API server keeps to its types.
 */
export function trimmed<Kind extends WatchedKind>(kind: Kind, raw: RawObject): WatchedObjects[Kind] {
  if (typeof raw.metadata?.name !== 'string') throw new Error(`the API server sent something in place of one of the ${WATCHED[kind].resource}`)
  const { apiVersion, kind: name } = WATCHED[kind]
  return Object.assign(CUTTERS[kind]?.(raw) as WatchedObjects[Kind], { apiVersion, kind: name })
}

/** The label by which objects are found again. Undefined: not of a run. */
export const runOf = ({ metadata }: { readonly metadata: Metadata }): string | undefined => metadata.labels?.[LABEL.run]
