import type { ClusterCache } from '../cluster.ts'
import { type KubeObject, WATCHED, type WatchedKind, type WatchedObjects } from '../objects.ts'
import { keptEvents } from './kept-events.ts'
import { keptObjects, type Store } from './kept-objects.ts'
import { runOf, trimmed } from './shape.ts'

type Stores = { readonly [Kind in WatchedKind]: Store<WatchedObjects[Kind]> }

export const watchedKinds = Object.keys(WATCHED) as readonly WatchedKind[] // keys of a literal

const kindOf = ({ apiVersion, kind }: KubeObject): WatchedKind | undefined =>
  watchedKinds.find((each) => WATCHED[each].kind === kind && WATCHED[each].apiVersion === apiVersion)

const readable = ({ jobs, deployments, replicaSets, pods, services, claims, events }: Stores): ClusterCache['kept'] => ({
  jobs: jobs.kept,
  deployments: deployments.kept,
  replicaSets: replicaSets.kept,
  pods: pods.kept,
  services: services.kept,
  claims: claims.kept,
  events: events.kept,
})

/** All that is kept of a cluster. */
export function clusterStores(now: () => number) {
  const runs = new Map<string, string>()
  const events = keptEvents(runs, now)
  const [jobs, deployments, replicaSets] = [
    keptObjects<WatchedObjects['jobs']>(runs),
    keptObjects<WatchedObjects['deployments']>(runs),
    keptObjects<WatchedObjects['replicaSets']>(runs),
  ]
  const [pods, services, claims] = [
    keptObjects<WatchedObjects['pods']>(runs),
    keptObjects<WatchedObjects['services']>(runs),
    keptObjects<WatchedObjects['claims']>(runs),
  ]
  const stores: Stores = { jobs, deployments, replicaSets, pods, services, claims, events }
  const putAs = <Kind extends WatchedKind>(kind: Kind, object: KubeObject): boolean => stores[kind].put(trimmed(kind, object))
  const storeOf = <Kind extends WatchedKind>(kind: Kind): Stores[Kind] => stores[kind]
  return {
    storeOf,
    kept: readable(stores),
    eventsOf: events.about,
    /** The run of an object, or of what an event is about. */
    runOf(object: KubeObject): string | undefined {
      const event = object.kind === WATCHED.events.kind ? events.kept.get(object.metadata.namespace ?? '', object.metadata.name) : undefined
      return event ? events.runOf(event) : runOf(object)
    },
    /** What is known under its name. */
    known(object: KubeObject): KubeObject | undefined {
      const kind = kindOf(object)
      return kind && stores[kind].kept.get(object.metadata.namespace ?? '', object.metadata.name)
    },
    /** Whether it is of a watched kind and newer than what was known. */
    put(object: KubeObject): boolean {
      const kind = kindOf(object)
      return kind !== undefined && putAs(kind, object)
    },
    drop(object: KubeObject): boolean {
      const kind = kindOf(object)
      return kind !== undefined && stores[kind].drop(object)
    },
  }
}
