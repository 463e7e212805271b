type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete' | 'deletecollection'

const WATCH = ['get', 'list', 'watch'] as const
/** Server-side apply of something new needs both. */
const APPLY = ['create', 'patch'] as const

/**
 * What Davit does in every namespace that holds runs, by `group/resource`. Nothing else is ever asked of the API;
 * `deploy/rbac.yaml` grants exactly this.
 */
export const requiredPermissions = {
  'batch/jobs': [...WATCH, ...APPLY, 'delete'],
  'apps/deployments': [...WATCH, ...APPLY, 'delete'],
  // To say why a deploy has no pods, and to stop one without losing its logs.
  'apps/replicasets': [...WATCH, 'patch', 'delete'],
  // `create` is for dry runs, in which admission speaks: pods are made by controllers.
  pods: [...WATCH, ...APPLY, 'delete'],
  'pods/log': ['get'],
  services: [...WATCH, ...APPLY, 'delete', 'deletecollection'],
  secrets: [...APPLY, 'delete', 'deletecollection'],
  // `get`: to see whose one is that a run names.
  configmaps: ['get', ...APPLY, 'delete', 'deletecollection'],
  persistentvolumeclaims: [...WATCH, ...APPLY, 'delete', 'deletecollection'],
  events: ['list', 'watch'],
} as const satisfies Readonly<Record<string, readonly Verb[]>>

/** What it does besides, in the whole cluster, where each project has a namespace of its own. */
export const namespacePermissions = {
  namespaces: ['get', ...APPLY],
  resourcequotas: APPLY,
  limitranges: APPLY,
  'networking.k8s.io/networkpolicies': APPLY,
} as const satisfies Readonly<Record<string, readonly Verb[]>>
