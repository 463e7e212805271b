import type { Kept } from '../cluster.ts'
import { labelValue } from '../labels.ts'
import type { KubeObject } from '../objects.ts'
import { runOf } from './shape.ts'
import { compareVersions, isOldNews } from './version.ts'

/** What a list said, at once. */
export interface Listing<T> {
  readonly objects: readonly T[]
  readonly version: string
  /** The cluster went back in time (a restored backup): nothing that was known counts any more. */
  readonly rolledBack: boolean
}

/** One kind's objects. Its changing methods answer whether they changed anything. */
export interface Store<T extends KubeObject> {
  readonly kept: Kept<T>
  put(object: T): boolean
  /** The watch says that it is gone. */
  deleted(object: T): boolean
  /** We removed it: gone for good, whatever older news says. */
  drop(object: KubeObject): boolean
  replace(listing: Listing<T>): void
}

/** So many removed objects are remembered, against late news of them. */
const REMEMBERED = 5_000
const FOR_GOOD = 'for good'

export const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`

/** Objects of a kind by name and by run. `runs` maps the uids of all kinds to their runs, and is kept up to date here. */
export function keptObjects<T extends KubeObject>(runs: Map<string, string>): Store<T> {
  const byKey = new Map<string, T>()
  const byRun = new Map<string, readonly T[]>()
  /** Uid → the version at which it went. */
  const gone = new Map<string, string>()

  function forget(key: string, object: T): void {
    byKey.delete(key)
    const run = runOf(object)
    if (object.metadata.uid !== undefined) runs.delete(object.metadata.uid)
    if (run === undefined) return
    const rest = (byRun.get(run) ?? []).filter((each) => each !== object)
    if (rest.length > 0) byRun.set(run, rest)
    else byRun.delete(run)
  }
  function keep(key: string, object: T): void {
    const before = byKey.get(key)
    byKey.set(key, object)
    const run = runOf(object)
    const others = run === undefined ? undefined : byRun.get(run)
    if (run !== undefined && before && others && runOf(before) === run && before.metadata.uid === object.metadata.uid) {
      byRun.set(run, others.length === 1 ? [object] : others.map((each) => (each === before ? object : each)))
      return
    }
    if (before) {
      forget(key, before)
      byKey.set(key, object)
    }
    if (run === undefined) return
    byRun.set(run, [...(byRun.get(run) ?? []), object])
    if (object.metadata.uid !== undefined) runs.set(object.metadata.uid, run)
  }
  function remember(uid: string | undefined, version: string): void {
    if (uid === undefined) return
    gone.delete(uid)
    gone.set(uid, version)
    for (const oldest of gone.keys()) {
      if (gone.size <= REMEMBERED) return
      gone.delete(oldest)
    }
  }
  const isGone = ({ metadata: { uid, resourceVersion } }: KubeObject): boolean => {
    const at = uid === undefined ? undefined : gone.get(uid)
    return at !== undefined && (at === FOR_GOOD || isOldNews(resourceVersion, at))
  }
  const put = (object: T, key = keyOf(object.metadata.namespace, object.metadata.name)): boolean => {
    if (isGone(object) || isOldNews(object.metadata.resourceVersion, byKey.get(key)?.metadata.resourceVersion)) return false
    keep(key, object)
    return true
  }
  function remove({ metadata: { namespace, name, uid } }: KubeObject): boolean {
    const key = keyOf(namespace, name)
    const known = byKey.get(key)
    if (!known || (uid !== undefined && known.metadata.uid !== uid)) return false
    forget(key, known)
    return true
  }
  return {
    kept: {
      get: (namespace, name) => byKey.get(keyOf(namespace, name)),
      of: (runId) => byRun.get(labelValue(runId)) ?? [],
      all: () => byKey.values(),
    },
    put: (object) => put(object),
    deleted(object) {
      const { namespace, name, uid, resourceVersion } = object.metadata
      const known = byKey.get(keyOf(namespace, name))
      if (known?.metadata.uid === uid && (compareVersions(resourceVersion, known?.metadata.resourceVersion) ?? 0) < 0) return false
      remember(uid, resourceVersion ?? FOR_GOOD)
      return remove(object)
    },
    drop(object) {
      remember(object.metadata.uid, FOR_GOOD)
      return remove(object)
    },
    replace({ objects, version, rolledBack }) {
      if (rolledBack) for (const [key, object] of byKey) forget(key, object)
      if (rolledBack) gone.clear()
      const listed = new Set<string>()
      for (const object of objects) {
        const key = keyOf(object.metadata.namespace, object.metadata.name)
        listed.add(key)
        put(object, key)
      }
      // What a write answered after the list was taken is not in it, and stays.
      for (const [key, object] of byKey) if (!listed.has(key) && !((compareVersions(object.metadata.resourceVersion, version) ?? 0) > 0)) forget(key, object)
    },
  }
}
