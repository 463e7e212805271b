import { keysOf, PodSecurity } from 'davit/contract'
import { z } from 'zod'
import { ClusterConfigs, KubeName, NetworkPolicyMode, Profiles, Quota } from './structures.ts'

export interface Setting {
  readonly schema: z.ZodType
  readonly fallback: string | undefined
  readonly summary: string
  /** Variables besides DAVIT_<NAME> that say the same, as other tools know them. */
  readonly alsoEnv?: string
  readonly placeholder?: string
  /** A switch: the flag alone means true. */
  readonly boolean?: true
  /** Not one value but a structure: keys of the settings file, or of a YAML file of its own that a flag or variable names. */
  readonly structured?: true
}

const bytes = z.coerce.number().int().min(1024)

const Listen = z
  .string()
  .regex(/^(.+:)?\d{1,5}$/, 'must be HOST:PORT or PORT')
  .transform((text) => {
    const [, host = '127.0.0.1', port = '0'] = text.match(/^(?:(.+):)?(\d+)$/) ?? []
    return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
  })
  .refine(({ port }) => port <= 65_535, 'has a port above 65535')

/** Every setting: as a flag `--node-port-host`, a variable `DAVIT_NODE_PORT_HOST`, a key `node_port_host` of the YAML file. The first of these that is given counts. */
export const SETTINGS = {
  listen: { schema: Listen, fallback: '127.0.0.1:8080', summary: 'where to answer; port 0 picks a free one', placeholder: 'HOST:PORT' },
  data: { schema: z.string().min(1), fallback: undefined, summary: 'folder for database, keys and the private engine', placeholder: 'DIR' },
  cache: { schema: z.string().min(1), fallback: undefined, summary: 'folder for what can be fetched again', placeholder: 'DIR' },
  database: {
    schema: z.string().regex(/^postgres(ql)?:\/\//, 'must be a URL postgres://…'),
    fallback: undefined,
    summary: 'PostgreSQL to use instead of the embedded one',
    alsoEnv: 'DATABASE_URL',
    placeholder: 'URL',
  },
  postgres: {
    schema: z.enum(['auto', 'system', 'bundled']),
    fallback: 'auto',
    summary: 'which binaries the embedded PostgreSQL runs',
    placeholder: 'auto|system|bundled',
  },
  engine: {
    schema: z.enum(['auto', 'docker', 'private', 'kubernetes', 'memory']),
    fallback: 'auto',
    summary: 'auto: DOCKER_HOST, a usual socket, else a private engine',
    placeholder: 'auto|docker|private|kubernetes|memory',
  },
  docker_host: { schema: z.string(), fallback: undefined, summary: 'the engine to use', alsoEnv: 'DOCKER_HOST', placeholder: 'URL' },
  node_port_host: {
    schema: z.string().min(1),
    fallback: '127.0.0.1',
    summary: 'address on which NodePort and LoadBalancer services are published',
    placeholder: 'ADDRESS',
  },
  kubeconfig: {
    schema: z.string().min(1),
    fallback: undefined,
    summary: 'how to reach the cluster (default: the pod’s own, else ~/.kube/config)',
    alsoEnv: 'KUBECONFIG',
    placeholder: 'FILE',
  },
  kube_context: { schema: z.string().min(1), fallback: undefined, summary: 'context of the kubeconfig (default: its current one)', placeholder: 'NAME' },
  clusters: {
    schema: ClusterConfigs,
    fallback: undefined,
    summary: 'several clusters, by name, that projects and runs choose from; the first is the default',
    placeholder: 'FILE',
    structured: true,
  },
  namespace: { schema: KubeName, fallback: undefined, summary: 'namespace of all projects (default: that of the context or pod)', placeholder: 'NAME' },
  namespace_per_project: {
    schema: z.stringbool(),
    fallback: 'false',
    summary: 'make a namespace for each project',
    placeholder: '',
    boolean: true,
  },
  namespace_prefix: { schema: KubeName, fallback: 'davit-', summary: 'what such a namespace’s name begins with', placeholder: 'TEXT' },
  namespace_quota: {
    schema: Quota,
    fallback: undefined,
    summary: 'ResourceQuota of such a namespace, as requests.cpu=8,requests.memory=16Gi,pods=50',
    placeholder: 'RESOURCE=AMOUNT,…',
  },
  network_policy: {
    schema: NetworkPolicyMode,
    fallback: 'off',
    summary: 'on: no calls from other projects into such a namespace; closed: none out of it either',
    placeholder: 'off|on|closed',
  },
  node_host: {
    schema: z.string().min(1),
    fallback: undefined,
    summary: 'address of node ports on a cluster (default: the node’s own)',
    placeholder: 'ADDRESS',
  },
  pod_security: {
    schema: PodSecurity,
    fallback: 'baseline',
    summary: 'restricted: no run may be root, or more than the least, whatever it says',
    placeholder: 'baseline|restricted',
  },
  gpu_resource: { schema: z.string().min(1), fallback: 'nvidia.com/gpu', summary: 'what a cluster’s nodes call their GPUs', placeholder: 'NAME' },
  default_storage_class: { schema: KubeName, fallback: undefined, summary: 'for claims that name none (default: the cluster’s)', placeholder: 'NAME' },
  job_ttl_seconds: {
    schema: z.coerce.number().int().min(60).max(2_147_483_647),
    fallback: '604800',
    summary: 'how long a finished Job stays on a cluster if no server comes back to remove it',
    placeholder: 'SECONDS',
  },
  profiles: {
    schema: Profiles,
    fallback: undefined,
    summary: 'templates of run parameters, by name; the one called default applies where none is named',
    placeholder: 'FILE',
    structured: true,
  },
  log_level: { schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']), fallback: 'info', summary: 'how much to tell on stderr', placeholder: 'LEVEL' },
  log_format: { schema: z.enum(['text', 'json']), fallback: 'text', summary: 'lines for people or for machines', placeholder: 'text|json' },
  body_limit: { schema: bytes, fallback: '8388608', summary: 'largest request body in bytes', placeholder: 'BYTES' },
  max_log_bytes: {
    schema: bytes,
    fallback: '67108864',
    summary: 'most that is stored of one container log; of longer ones the end is kept',
    placeholder: 'BYTES',
  },
  concurrency: { schema: z.coerce.number().int().min(1).max(256), fallback: '16', summary: 'runs worked on at once', placeholder: 'N' },
  secrets_key_file: {
    schema: z.string().min(1),
    fallback: undefined,
    summary: 'file with the key that encrypts secrets (default: in the data folder)',
    placeholder: 'FILE',
  },
  ephemeral: {
    schema: z.stringbool(),
    fallback: 'false',
    summary: 'at the end remove all runs, the private engine and the data folder',
    placeholder: '',
    boolean: true,
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS
export const SETTING_NAMES: readonly SettingName[] = keysOf(SETTINGS)
export type Config = {
  readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> | ((typeof SETTINGS)[Name]['fallback'] extends string ? never : undefined)
}

export const flagOf = (name: SettingName): string => name.replaceAll('_', '-')
export const variableOf = (name: SettingName): string => `DAVIT_${name.toUpperCase()}`
export const isStructured = (name: SettingName): boolean => 'structured' in SETTINGS[name]
export const isSwitch = (name: SettingName): boolean => 'boolean' in SETTINGS[name]
