import type { Contexts } from './contexts.ts'
import type { Format } from './globals.ts'
import { invalid } from './invalid.ts'
import type { Io } from './io.ts'

export interface GlobalInput {
  readonly endpoint?: string | undefined
  readonly context?: string | undefined
  readonly project?: string | undefined
  readonly output?: Format | undefined
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly noColor?: boolean
  readonly timeout?: number | undefined
}

/** What holds for one call of the CLI: flags win over the environment, that over the saved context. */
export interface Settings {
  readonly endpoint: string
  /** Where the endpoint comes from, for messages. */
  readonly origin: string
  readonly token: string | undefined
  /** User and password from the environment, where there is no token. */
  readonly login: { readonly user: string; readonly password: string } | undefined
  /** The saved context in use, if it is that. */
  readonly context: string | undefined
  readonly project: string
  readonly format: Format
  readonly quiet: boolean
  readonly verbose: boolean
  readonly noColor: boolean
  readonly timeoutMs: number | undefined
}

/** Where `davit server` listens by itself. */
const DEFAULT_ENDPOINT = 'http://127.0.0.1:8080'

/** What official clients take from the environment; it is meant for the server that is named there. */
const officialLogin = (env: Io['env'], own: string | undefined): Pick<Settings, 'token' | 'login'> => {
  const token = own ?? (env['DHCORE_ACCESS_TOKEN'] || env['DHCORE_PERSONAL_ACCESS_TOKEN'] || undefined)
  const { DHCORE_USER: user, DHCORE_PASSWORD: password } = env
  return { token, login: token === undefined && user && password ? { user, password } : undefined }
}

const pickEndpoint = (
  input: GlobalInput,
  env: Io['env'],
  contexts: Contexts,
): Pick<Settings, 'endpoint' | 'origin' | 'token' | 'login' | 'context'> & { readonly project: string | undefined } => {
  const named = input.context ?? env['DAVIT_CONTEXT']
  const context = contexts.contexts[named ?? contexts.current ?? '']
  if (named !== undefined && !context)
    throw invalid(`no context is named "${named}"`, {
      hint: `known: ${Object.keys(contexts.contexts).join(', ') || 'none'}; \`davit use URL --name ${named}\` saves one`,
    })
  const token = env['DAVIT_TOKEN'] || undefined
  const none = { login: undefined, context: undefined, project: undefined }
  if (input.endpoint) return { ...none, endpoint: input.endpoint, origin: '--endpoint', token }
  const saved = (name: string, { endpoint, token: own, project }: Contexts['contexts'][string]) =>
    ({ endpoint, origin: `context ${name}`, token: token ?? own, login: undefined, context: name, project }) as const
  if (input.context && context) return saved(input.context, context)
  for (const name of ['DAVIT_ENDPOINT', 'DHCORE_ENDPOINT']) {
    const endpoint = env[name]
    if (endpoint) return { ...none, endpoint, origin: name, ...officialLogin(env, token) }
  }
  if (context) return saved(named ?? contexts.current ?? '', context)
  return { ...none, endpoint: DEFAULT_ENDPOINT, origin: 'the default', token }
}

/** Throws `invalid` for a context that does not exist or an endpoint that is no URL. */
export const resolveSettings = (input: GlobalInput, { env, contexts }: { env: Io['env']; contexts: Contexts }): Settings => {
  const { endpoint, origin, token, login, context, project } = pickEndpoint(input, env, contexts)
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) throw invalid(`"${endpoint}" (${origin}) is no http:// or https:// URL`)
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    origin,
    token,
    login,
    context,
    project: input.project ?? env['DAVIT_PROJECT'] ?? project ?? 'default',
    format: input.output ?? (input.json ? 'json' : 'table'),
    quiet: input.quiet ?? false,
    verbose: input.verbose ?? false,
    noColor: input.noColor ?? false,
    timeoutMs: input.timeout,
  }
}
