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
  readonly project: string
  readonly format: Format
  readonly quiet: boolean
  readonly verbose: boolean
  readonly noColor: boolean
  readonly timeoutMs: number | undefined
}

/** Where `davit server` listens by itself. */
const DEFAULT_ENDPOINT = 'http://127.0.0.1:8080'

const pickEndpoint = (
  input: GlobalInput,
  env: Io['env'],
  contexts: Contexts,
): Pick<Settings, 'endpoint' | 'origin' | 'token'> & { readonly project: string | undefined } => {
  const named = input.context ?? env['DAVIT_CONTEXT']
  const context = contexts.contexts[named ?? contexts.current ?? '']
  if (named !== undefined && !context)
    throw invalid(`no context is named "${named}"`, {
      hint: `known: ${Object.keys(contexts.contexts).join(', ') || 'none'}; \`davit use URL --name ${named}\` saves one`,
    })
  const token = env['DAVIT_TOKEN']
  if (input.endpoint) return { endpoint: input.endpoint, origin: '--endpoint', token, project: undefined }
  if (input.context && context)
    return { endpoint: context.endpoint, origin: `context ${input.context}`, token: token ?? context.token, project: context.project }
  for (const name of ['DAVIT_ENDPOINT', 'DHCORE_ENDPOINT']) {
    const endpoint = env[name]
    if (endpoint) return { endpoint, origin: name, token: token ?? env['DHCORE_ACCESS_TOKEN'], project: undefined }
  }
  if (context) return { endpoint: context.endpoint, origin: `context ${named ?? contexts.current}`, token: token ?? context.token, project: context.project }
  return { endpoint: DEFAULT_ENDPOINT, origin: 'the default', token, project: undefined }
}

/** Throws `invalid` for a context that does not exist or an endpoint that is no URL. */
export const resolveSettings = (input: GlobalInput, { env, contexts }: { env: Io['env']; contexts: Contexts }): Settings => {
  const { endpoint, origin, token, project } = pickEndpoint(input, env, contexts)
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) throw invalid(`"${endpoint}" (${origin}) is no http:// or https:// URL`)
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    origin,
    token,
    project: input.project ?? env['DAVIT_PROJECT'] ?? project ?? 'default',
    format: input.output ?? (input.json ? 'json' : 'table'),
    quiet: input.quiet ?? false,
    verbose: input.verbose ?? false,
    noColor: input.noColor ?? false,
    timeoutMs: input.timeout,
  }
}
