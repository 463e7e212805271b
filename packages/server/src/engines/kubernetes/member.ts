import { DavitError } from 'davit/contract'
import type { Engine, EngineHealth } from '#domain/engine.ts'
import { dnsLabel } from '#domain/names.ts'
import { applier } from './apply.ts'
import { clusterCache } from './cache/cluster-cache.ts'
import { namespacePermissions, requiredPermissions } from './check/permissions.ts'
import { connect } from './client/connect.ts'
import { missingPermissions } from './client/permissions.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import { dryRuns } from './dry-run.ts'
import { unreadOf } from './live.ts'
import { podLog } from './logs.ts'
import type { ManifestDefaults } from './manifests/manifest.ts'
import { CONTAINER } from './manifests/names.ts'
import { namespaces } from './namespaces.ts'
import { observer, type Observer } from './observer.ts'
import { remover } from './remove.ts'
import { refusing, refusingStream } from './refusing.ts'
import { stopper } from './stop.ts'
import { writer } from './write.ts'

export interface MemberOptions {
  /** Whose objects these are: one id for each database. Nothing without this label is ever touched. */
  readonly installation: string
  readonly defaults?: ManifestDefaults
  /** Seconds that a finished Job stays if nobody removes it. */
  readonly ttlSeconds?: number | undefined
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where the account of this process's pod lies. Default: where Kubernetes puts it. */
  readonly serviceAccountDir?: string | undefined
  readonly log?: (event: string, fields: object) => void
  readonly now?: () => Date
}

/** What the engine can do on one cluster. */
export type Verbs = Pick<Engine, 'apply' | 'stop' | 'remove' | 'logs' | 'health'> & Observer

/** A cluster with what acts on it. */
export interface Member {
  readonly cluster: Cluster
  readonly verbs: Verbs
  close(): Promise<void>
}

interface Opening extends MemberOptions {
  readonly name: string
  readonly settings: ClusterSettings
  readonly signal: AbortSignal
}

/** How long the first look at everything may take before whoever asks is told that it goes on. */
const FIRST_LOOK_MS = 10_000

const namespaceFor =
  ({ namespace, namespacePerProject = false, namespacePrefix = 'davit-' }: ClusterSettings, own: string) =>
  (project: string): string =>
    namespacePerProject ? dnsLabel(`${namespacePrefix}${project}`) : (namespace ?? own)

async function openCluster({ name, settings, installation, env = {}, serviceAccountDir, log = () => undefined, signal }: Opening) {
  const { kubeconfig, context } = settings
  const connected = await connect({ kubeconfig, context, inCluster: kubeconfig === undefined, env, serviceAccountDir, signal })
  const { client } = connected
  const namespaceOf = namespaceFor(settings, connected.namespace)
  const watched = settings.namespacePerProject ? undefined : namespaceOf('')
  const cache = clusterCache({ client, installation, namespace: watched, log })
  await cache.synced(FIRST_LOOK_MS)
  const cluster: Cluster = {
    name,
    client,
    cache,
    namespaceOf,
    close: async () => {
      await cache.close()
      await client.close()
    },
  }
  return { cluster, connected, watched }
}

/** Whether a cluster can be reached as configured; what is wrong, if not. */
export async function tryConnection(
  { kubeconfig, context }: ClusterSettings,
  { env, signal, serviceAccountDir }: Pick<Opening, 'env' | 'signal' | 'serviceAccountDir'>,
): Promise<DavitError | undefined> {
  try {
    const { client } = await connect({ kubeconfig, context, inCluster: kubeconfig === undefined, env: env ?? {}, serviceAccountDir, signal })
    await client.close()
    return undefined
  } catch (error) {
    if (error instanceof DavitError) return error
    throw error
  }
}

/** Connects to a cluster and begins to watch it. Throws DavitError with what is wrong and what to do. */
export async function member(opening: Opening): Promise<Member> {
  const { settings, installation, defaults = {}, ttlSeconds, now = () => new Date() } = opening
  const { cluster, connected, watched } = await openCluster(opening)
  const write = writer(cluster.client)
  const perProject = settings.namespacePerProject
    ? { quota: settings.quota, networkPolicy: settings.networkPolicy, podSecurity: settings.podSecurity, installation }
    : undefined
  const spaces = namespaces({ write, perProject, namespaceOf: cluster.namespaceOf })
  const required = perProject ? { ...requiredPermissions, ...namespacePermissions } : requiredPermissions
  const missing = (): Promise<readonly string[]> => missingPermissions(cluster.client, { namespace: watched, required })
  // Rights come first: a kind that may not be listed is one that was not read, and says less.
  async function health(): Promise<EngineHealth> {
    const version = await connected.checkServer()
    const troubles = [...(await missing()), unreadOf(cluster)].filter((trouble) => trouble !== undefined)
    const where = watched === undefined ? 'a namespace per project' : `namespace ${watched}`
    return {
      healthy: troubles.length === 0,
      version,
      detail: [`Kubernetes ${version} at ${cluster.client.server}, ${where}, as ${connected.user}${troubles.length > 0 ? '.' : ''}`, ...troubles].join(' '),
    }
  }
  const { observe, glance } = observer({ cluster, nodeAddress: settings.nodeHost, now })
  return {
    cluster,
    verbs: {
      apply: refusing(
        applier({
          cluster,
          write,
          dryRuns: dryRuns(() => now().getTime()),
          options: { installation, shared: !settings.namespacePerProject, ttlSeconds, defaults },
          prepareNamespace: spaces.prepare,
          forgetNamespace: spaces.forget,
        }),
      ),
      observe: refusing(observe),
      glance,
      stop: refusing(stopper({ cluster, write, now })),
      remove: refusing(remover({ cluster, write })),
      logs: refusingStream(podLog({ cluster, container: CONTAINER })),
      health,
    },
    close: () => cluster.close(),
  }
}
