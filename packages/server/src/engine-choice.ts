import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { DavitError } from 'davit/contract'
import type { Logger } from 'pino'
import { clustersOf } from '#config/clusters.ts'
import type { Config } from '#config/settings.ts'
import type { Engine } from '#domain/engine.ts'

export interface ChosenEngine {
  /** How it is reached; undefined for one inside this process. */
  readonly endpoint: string | undefined
  /** It ran before us, and goes on when our start fails. */
  readonly adopted: boolean
  /** The service account of the pod that this server is, where the engine works as that. */
  readonly ownAccount?: string | undefined
  /** Makes the adapter, once it is known whose containers these are. */
  create(installation: string): Engine
  /** Ends what was started for it. With `keep` its daemon goes on, for the containers that run. */
  stop(how: { readonly keep: boolean }): Promise<void>
  /** Ends it and removes all that it was; only what was started for us. */
  destroy(): Promise<void>
}

export interface EngineInputs {
  readonly config: Config
  readonly folders: { readonly data: string; readonly cache: string }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly uid: number | undefined
  readonly logger: Logger
  readonly signal: AbortSignal
}

const nothing = async (): Promise<void> => undefined

async function memory(): Promise<ChosenEngine> {
  const { memoryEngine } = await import('#engines/memory/engine.ts')
  return { endpoint: undefined, adopted: true, create: () => memoryEngine(), stop: nothing, destroy: nothing }
}

type Endpoint = { readonly socketPath: string } | { readonly host: string; readonly port: number }

async function docker({ config, logger }: EngineInputs, endpoint: Endpoint, own: Pick<ChosenEngine, 'adopted' | 'stop' | 'destroy'>): Promise<ChosenEngine> {
  const { dockerEngine } = await import('#engines/docker/engine.ts')
  return {
    endpoint: 'socketPath' in endpoint ? `unix://${endpoint.socketPath}` : `tcp://${endpoint.host}:${endpoint.port}`,
    create: (installation) =>
      dockerEngine({ endpoint, installation, nodePortHost: config.node_port_host, log: (event, fields) => logger.debug(fields, event) }),
    ...own,
  }
}

async function privateDocker(inputs: EngineInputs, tried: readonly { readonly where: string; readonly why: string }[]): Promise<ChosenEngine> {
  const { folders, logger, signal, env } = inputs
  const { startPrivateEngine } = await import('#engines/docker/private/start-private-engine.ts')
  if (tried.length > 0) logger.info({ tried: tried.map(({ where }) => where).join(' ') }, 'no container engine answers; starting a private one')
  const proxies = Object.fromEntries(['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name] ?? '']])))
  const engine = await startPrivateEngine({
    dir: join(folders.data, 'engine'),
    cacheDir: folders.cache,
    log: logger,
    signal,
    env: proxies,
    progress: (message) => logger.info(message),
  })
  return docker(
    inputs,
    { socketPath: engine.socketPath },
    { adopted: engine.adopted, stop: ({ keep }) => (keep ? nothing() : engine.stop()), destroy: () => engine.destroy() },
  )
}

const isPod = ({ env }: EngineInputs): boolean => env.KUBERNETES_SERVICE_HOST !== undefined

/** Where a cluster is, if the settings do not say: the one that this process is a pod of, else the user's own kubeconfig. */
function kubeconfigOf(inputs: EngineInputs, named: string | undefined): string | undefined {
  if (named !== undefined || isPod(inputs)) return named
  const own = join(homedir(), '.kube', 'config')
  if (existsSync(own)) return own
  throw new DavitError('invalid', `no cluster is named: not by --kubeconfig, nor by KUBECONFIG, nor in ${own}`, {
    hint: 'name a kubeconfig with --kubeconfig FILE',
  })
}

/** A configuration that can never work ends the start; a cluster that is away does not: its runs wait for it. */
async function kubernetes(inputs: EngineInputs): Promise<ChosenEngine> {
  const { config, env, logger, signal } = inputs
  const [{ kubernetesEngine }, { tryConnection }, { ownAccount }] = await Promise.all([
    import('#engines/kubernetes/engine.ts'),
    import('#engines/kubernetes/member.ts'),
    import('#engines/kubernetes/client/own-account.ts'),
  ])
  const { service_account_dir: serviceAccountDir } = config
  const clusters = Object.fromEntries(
    Object.entries(clustersOf(config)).map(([name, settings]) => [name, { ...settings, kubeconfig: kubeconfigOf(inputs, settings.kubeconfig) }]),
  )
  for (const [name, settings] of Object.entries(clusters)) {
    const problem = await tryConnection(settings, { env, signal, serviceAccountDir })
    if (problem?.code === 'invalid') throw problem
    if (problem) logger.warn({ cluster: name, hint: problem.hint }, problem.message)
  }
  return {
    endpoint: Object.values(clusters)
      .map(({ kubeconfig, context }) => [kubeconfig ?? 'in-cluster', context].filter(Boolean).join('#'))
      .join(' '),
    adopted: true,
    ownAccount: Object.values(clusters).some(({ kubeconfig }) => kubeconfig === undefined) ? await ownAccount(serviceAccountDir) : undefined,
    create: (installation) =>
      kubernetesEngine({
        clusters,
        installation,
        defaults: { gpuResource: config.gpu_resource, storageClass: config.default_storage_class },
        ttlSeconds: config.job_ttl_seconds,
        env,
        serviceAccountDir,
        log: (event, fields) => logger.debug(fields, event),
      }),
    stop: nothing,
    destroy: nothing,
  }
}

/** The engine that the settings ask for, found or started. Throws `unavailable` with what to do where there is none. */
export async function chooseEngine(inputs: EngineInputs): Promise<ChosenEngine> {
  const { config, env, uid, signal } = inputs
  if (config.engine === 'memory') return memory()
  if (config.engine === 'kubernetes' || (config.engine === 'auto' && isPod(inputs))) return kubernetes(inputs)
  if (config.engine === 'private') return privateDocker(inputs, [])
  const { findEngine } = await import('#engines/docker/private/find-engine.ts')
  const { engine, tried } = await findEngine({
    dockerHost: config.docker_host,
    tlsVerify: env.DOCKER_TLS_VERIFY,
    runtimeDir: env.XDG_RUNTIME_DIR,
    home: homedir(),
    uid,
    signal,
  })
  if (engine) return docker(inputs, engine, { adopted: true, stop: nothing, destroy: nothing })
  if (config.docker_host) throw new DavitError('unavailable', `no engine answers at ${config.docker_host}`)
  return privateDocker(inputs, tried)
}
