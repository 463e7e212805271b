import type { ClusterCache, KubeClient } from '../cluster.ts'
import { LABEL, labelValue } from '../labels.ts'
import type { KubeObject, WatchedKind } from '../objects.ts'
import { heirOf } from '../service-names.ts'
import { staleness } from './freshness.ts'
import { kindWatch, type WatchHealth } from './kind-watch.ts'
import { sleepers } from './pause.ts'
import { clusterStores, watchedKinds } from './stores.ts'
import { targetOf } from './target.ts'

export interface ClusterCacheDeps {
  readonly client: KubeClient
  /** The one namespace that holds everything of ours; undefined: all namespaces. */
  readonly namespace: string | undefined
  /** Whose objects are ours. */
  readonly installation: string
  /** How long a watch may be down until what it knew is no evidence any more. Default: 10 s. */
  readonly staleMs?: number
  /** How long a watch may say nothing until it is opened again. Default: 100 s, since most clusters send bookmarks once a minute. */
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

const LOOK_MS = 20

/** Watches everything of this installation in a cluster, from now until `close`. A read costs no call. */
export function clusterCache(deps: ClusterCacheDeps): OwnedClusterCache {
  const { client, namespace, staleMs = 10_000, idleMs = 100_000, pageSize = 500, log = () => undefined, now = Date.now, random = Math.random } = deps
  const end = new AbortController()
  const listeners = new Set<(runId: string) => void>()
  const stores = clusterStores(now)
  const shared = { client, settings: { staleMs, idleMs, pageSize }, sleepers: sleepers(), log, now, random }
  const installation = labelValue(deps.installation)

  const tell = (run: string | undefined): void => {
    if (run !== undefined) for (const listener of listeners) listener(run)
  }
  /** Whom it concerns: the run that has the object, the one that had it before, and the one that may have its name now. */
  const changed = (object: KubeObject, before: KubeObject | undefined): void => {
    const concerned = [object, before, heirOf(stores.kept, object)]
    for (const run of new Set(concerned.map((one) => one && stores.runOf(one)))) tell(run)
  }
  const watchKind = <Kind extends WatchedKind>(kind: Kind) => {
    const store = stores.storeOf(kind)
    const relisted = (before: readonly KubeObject[]): void => {
      for (const run of new Set([...before, ...store.kept.all()].map(stores.runOf))) tell(run)
    }
    return kindWatch({ ...shared, kind, target: targetOf(kind, { namespace, installation }), store, changed, relisted }, end.signal)
  }
  const watches = watchedKinds.map(watchKind)
  // A server that leaves a call without an answer may have left the watches too: they would be silent until `idleMs`.
  const trust = client.onLate((waitedMs) => {
    for (const { doubt } of watches) doubt(waitedMs)
  })
  const health = (): readonly WatchHealth[] => watches.map((each) => each.health())
  const idle = sleepers()
  return {
    kept: stores.kept,
    eventsOf: stores.eventsOf,
    assertFresh() {
      for (const each of health()) {
        const stale = staleness(each, now(), staleMs)
        if (stale) throw stale
      }
    },
    put(object) {
      // Whoever asks for an object by its name may get somebody else's, of which the watches never tell.
      if (object.metadata.labels?.[LABEL.installation] !== installation) return
      const before = stores.known(object)
      if (stores.put(object)) changed(object, before)
    },
    drop(object) {
      if (stores.drop(object)) changed(object, undefined)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async synced(ms) {
      const until = AbortSignal.any([AbortSignal.timeout(ms), end.signal])
      while (!until.aborted && !health().every(({ kind, listed }) => listed || kind === 'events')) await idle.sleep(LOOK_MS, until)
    },
    health,
    async close() {
      trust()
      end.abort()
      await Promise.all(watches.map(({ done }) => done))
    },
  }
}
