import { keysOf, PodSecurity } from 'davit/contract'
import { z } from 'zod'
import { AccountNames, ClusterConfigs, KubeName, NetworkPolicyMode, Profiles, Quota } from './structures.ts'

export interface Setting {
  readonly schema: z.ZodType
  readonly fallback: string | undefined
  readonly summary: string
  /** Variables besides DAVIT_<NAME> that say the same, as other tools know them. */
  readonly alsoEnv?: string
  readonly placeholder?: string
  /** Only from its variable, and never shown: flags are seen by everybody who lists processes. */
  readonly secret?: true
  /** A switch: the flag alone means true. */
  readonly boolean?: true
  /** Not one value but a structure: keys of the settings file, or of a YAML file of its own that a flag or variable names. */
  readonly structured?: true
}

const Url = z.string().regex(/^https?:\/\/[^\s/]+/, 'must be a URL http://… or https://…')

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
  service_account_dir: {
    schema: z.string().min(1),
    fallback: undefined,
    summary: 'folder with token, ca.crt and namespace of the pod’s own account (default: where Kubernetes puts them)',
    placeholder: 'FOLDER',
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
  service_accounts: {
    schema: AccountNames,
    fallback: undefined,
    summary: 'service accounts that runs may name where projects share a namespace, between commas (default: none)',
    placeholder: 'NAMES',
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
  secrets_key: {
    schema: z.string().min(1),
    fallback: undefined,
    summary: 'the keys themselves, 64 hex digits each, the active one first',
    secret: true,
  },
  secrets_key_command: {
    schema: z.string().min(1),
    fallback: undefined,
    summary: 'shell command that prints the keys, for a key management system',
    placeholder: 'COMMAND',
  },
  auth: {
    schema: z.string().regex(/^(none|(basic|bearer)(,(basic|bearer))*)$/, 'must be none, basic, bearer or basic,bearer'),
    fallback: 'none',
    summary: 'how callers prove who they are; none only on loopback',
    placeholder: 'none|basic,bearer',
  },
  new_admin_token: {
    schema: z.stringbool(),
    fallback: 'false',
    summary: 'show a new token for the account admin, when the first was lost',
    placeholder: '',
    boolean: true,
  },
  public_url: { schema: Url, fallback: undefined, summary: 'the URL under which clients reach this server', placeholder: 'URL' },
  trusted_proxies: {
    schema: z.string().min(1),
    fallback: undefined,
    summary: 'addresses of proxies whose X-Forwarded-… count, between commas',
    placeholder: 'ADDRESSES',
  },
  cors_origins: {
    schema: z.string().regex(/^https?:\/\/[^\s/,]+(,https?:\/\/[^\s/,]+)*$/, 'must be origins such as https://console.acme.org, between commas'),
    fallback: undefined,
    summary: 'origins whose pages may call from a browser, between commas',
    placeholder: 'ORIGINS',
  },
  rate_limit: {
    schema: z.coerce.number().int().min(1),
    fallback: '6000',
    summary: 'requests a minute with one token or login; of one account four times that, from one address ten times',
    placeholder: 'N',
  },
  oidc_issuer: { schema: Url, fallback: undefined, summary: 'OpenID Connect identity provider', placeholder: 'URL' },
  oidc_client_id: { schema: z.string().min(1), fallback: 'davit', summary: 'what this server is called there', placeholder: 'ID' },
  oidc_client_secret_file: { schema: z.string().min(1), fallback: undefined, summary: 'file with its secret there, if it has one', placeholder: 'FILE' },
  oidc_audience: {
    schema: z.string().min(1),
    fallback: undefined,
    summary: "audience that machines' tokens must have (default: the client id)",
    placeholder: 'TEXT',
  },
  oidc_name_claim: { schema: z.string().min(1), fallback: 'preferred_username', summary: "claim with a person's name", placeholder: 'CLAIM' },
  oidc_roles_claim: {
    schema: z.string().min(1),
    fallback: 'roles',
    summary: 'claim with roles <project>:owner|editor|viewer; dots lead into objects',
    placeholder: 'CLAIM',
  },
  oidc_admin_role: { schema: z.string().min(1), fallback: 'davit-admin', summary: 'role that makes an administrator', placeholder: 'ROLE' },
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

/** Those that are given as flags too. */
export const FLAG_NAMES: readonly SettingName[] = SETTING_NAMES.filter((name) => !('secret' in SETTINGS[name]))

export const flagOf = (name: SettingName): string => name.replaceAll('_', '-')
export const variableOf = (name: SettingName): string => `DAVIT_${name.toUpperCase()}`
export const isStructured = (name: SettingName): boolean => 'structured' in SETTINGS[name]
export const isSwitch = (name: SettingName): boolean => 'boolean' in SETTINGS[name]
