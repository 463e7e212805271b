import { keysOf } from 'davit/contract'
import { z } from 'zod'

export interface Setting {
  readonly schema: z.ZodType
  readonly fallback: string | undefined
  readonly summary: string
  /** Variables besides DAVIT_<NAME> that say the same, as other tools know them. */
  readonly alsoEnv?: string
  readonly placeholder?: string
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
    schema: z.enum(['auto', 'docker', 'private', 'memory']),
    fallback: 'auto',
    summary: 'auto: DOCKER_HOST, a usual socket, else a private engine',
    placeholder: 'auto|docker|private|memory',
  },
  docker_host: { schema: z.string(), fallback: undefined, summary: 'the engine to use', alsoEnv: 'DOCKER_HOST', placeholder: 'URL' },
  node_port_host: {
    schema: z.string().min(1),
    fallback: '127.0.0.1',
    summary: 'address on which NodePort and LoadBalancer services are published',
    placeholder: 'ADDRESS',
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
  ephemeral: { schema: z.stringbool(), fallback: 'false', summary: 'at the end remove all runs, the private engine and the data folder', placeholder: '' },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS
export const SETTING_NAMES: readonly SettingName[] = keysOf(SETTINGS)
export type Config = {
  readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> | ((typeof SETTINGS)[Name]['fallback'] extends string ? never : undefined)
}

export const flagOf = (name: SettingName): string => name.replaceAll('_', '-')
export const variableOf = (name: SettingName): string => `DAVIT_${name.toUpperCase()}`
