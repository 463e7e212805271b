import { DavitError } from 'davit/contract'
import type { ClusterCache, KubeClient } from '../cluster.ts'
import { labelValue } from '../labels.ts'
import { type KubeObject, WATCHED, type WatchedKind, type WatchedObjects } from '../objects.ts'
import { keptEvents } from './kept-events.ts'
import { keptObjects, type Store } from './kept-objects.ts'
import { kindWatch, type WatchHealth } from './kind-watch.ts'
import { sleepers } from './pause.ts'
import { runOf, trimmed } from './shape.ts'

export interface ClusterCacheDeps {
  readonly client: KubeClient
  /** The one namespace that holds everything of ours; undefined: all namespaces. */
  readonly namespace: string | undefined
  /** Whose objects are ours. */
  readonly installation: string
  /** How long a watch may be down until what it knew is no evidence any more. Default: 10 s. */
  readonly staleMs?: number
  /** How long a watch may say nothing. Default: 100 s, since the API server sends bookmarks about once a minute. */
  readonly idleMs?: number
  /** Objects in a page of a list. Default: 500. */
  readonly pageSize?: number
  readonly log?: (event: string, fields: object) => void
  readonly now?: () => number
  readonly random?: () => number
}

export interface OwnedClusterCache extends ClusterCache {
  /** Ends when every kind was listed once, or after `ms` without that: `assertFresh` tells. */
  synced(ms: number): Promise<void>
  /** Each kind's state, for health and metrics. */
  health(): readonly WatchHealth[]
  /** Ends the watches. */
  close(): Promise<void>
}

type Stores = { readonly [Kind in WatchedKind]: Store<WatchedObjects[Kind]> }

const kinds = Object.keys(WATCHED) as WatchedKind[] // keys of a literal

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Events explain; only objects are evidence. Undefined: this kind is fresh. */
function staleness({ kind, listed, downSince, lastError }: WatchHealth, now: number, staleMs: number): DavitError | undefined {
  if (kind === 'events') return undefined
  const { resource } = WATCHED[kind]
  const why = lastError === undefined ? '' : `: ${wordsOf(lastError)}`
  if (!listed) return new DavitError('unavailable', `The ${resource} of the cluster were not read yet${why}`, { cause: lastError })
  if (downSince === undefined || now - downSince <= staleMs) return undefined
  return new DavitError('unavailable', `The ${resource} of the cluster have not been seen for ${Math.round((now - downSince) / 1000)} s${why}`, {
    cause: lastError,
  })
}

/** Watches everything of this installation in a cluster, from now until `close`. A read costs no call. */
export function clusterCache(deps: ClusterCacheDeps): OwnedClusterCache {
  const {
    client,
    namespace,
    installation,
    staleMs = 10_000,
    idleMs = 100_000,
    pageSize = 500,
    log = () => undefined,
    now = Date.now,
    random = Math.random,
  } = deps
  const end = new AbortController()
  const listeners = new Set<(runId: string) => void>()
  const runs = new Map<string, string>()
  const events = keptEvents(runs, now)
  const stores: Stores = {
    jobs: keptObjects(runs),
    deployments: keptObjects(runs),
    replicaSets: keptObjects(runs),
    pods: keptObjects(runs),
    services: keptObjects(runs),
    claims: keptObjects(runs),
    events,
  }
  const settings = { namespace, installation: labelValue(installation), staleMs, idleMs, pageSize }
  const idle = sleepers()
  const shared = { client, settings, sleepers: sleepers(), log, now, random }

  const tell = (run: string | undefined): void => {
    if (run !== undefined) for (const listener of listeners) listener(run)
  }
  const runOfAny = (object: KubeObject): string | undefined => runOf(object) ?? ('involvedObject' in object ? eventRun(object) : undefined)
  const eventRun = ({ metadata: { namespace: where = '', name } }: KubeObject): string | undefined => {
    const event = stores.events.kept.get(where, name)
    return event && events.runOf(event)
  }
  const watchKind = <Kind extends WatchedKind>(kind: Kind) => {
    const store = stores[kind]
    const relisted = (before: readonly KubeObject[]): void => {
      for (const run of new Set([...before, ...store.kept.all()].map(runOfAny))) tell(run)
    }
    return kindWatch({ ...shared, kind, store, changed: (object) => tell(runOfAny(object)), relisted }, end.signal)
  }
  const watches = kinds.map(watchKind)
  const kindOf = ({ apiVersion, kind }: KubeObject): WatchedKind | undefined =>
    kinds.find((each) => WATCHED[each].kind === kind && WATCHED[each].apiVersion === apiVersion)
  const putAs = <Kind extends WatchedKind>(kind: Kind, object: KubeObject): boolean => stores[kind].put(trimmed(kind, object))

  const assertFresh = (): void => {
    for (const { health } of watches) {
      const stale = staleness(health(), now(), staleMs)
      if (stale) throw stale
    }
  }
  return {
    kept: { ...mapped(stores) },
    eventsOf: events.about,
    assertFresh,
    put(object) {
      const kind = kindOf(object)
      if (kind !== undefined && putAs(kind, object)) tell(runOf(object))
    },
    drop(object) {
      const kind = kindOf(object)
      if (kind !== undefined && stores[kind].drop(object)) tell(runOf(object))
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async synced(ms) {
      const until = AbortSignal.any([AbortSignal.timeout(ms), end.signal])
      while (!until.aborted && !watches.every(({ health }) => health().listed || health().kind === 'events')) await idle.sleep(20, until)
    },
    health: () => watches.map(({ health }) => health()),
    async close() {
      end.abort()
      await Promise.all(watches.map(({ done }) => done))
    },
  }
}

const mapped = ({ jobs, deployments, replicaSets, pods, services, claims, events }: Stores): ClusterCache['kept'] => ({
  jobs: jobs.kept,
  deployments: deployments.kept,
  replicaSets: replicaSets.kept,
  pods: pods.kept,
  services: services.kept,
  claims: claims.kept,
  events: events.kept,
})
