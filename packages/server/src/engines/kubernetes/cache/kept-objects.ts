import type { Kept } from '../cluster.ts'
import { labelValue } from '../labels.ts'
import type { KubeObject } from '../objects.ts'
import { goneObjects } from './gone.ts'
import { keyOf, objectIndex } from './object-index.ts'
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

const isNewer = (a: string | undefined, b: string | undefined): boolean => (compareVersions(a, b) ?? 0) > 0

/** Objects of a kind as the newest news has them: older and repeated news changes nothing. `runs`: uid → run, of all kinds. */
export function keptObjects<T extends KubeObject>(runs: Map<string, string>): Store<T> {
  const index = objectIndex<T>(runs)
  const { byKey } = index
  const gone = goneObjects()

  const put = (object: T, key = keyOf(object.metadata.namespace, object.metadata.name)): boolean => {
    if (gone.has(object) || isOldNews(object.metadata.resourceVersion, byKey.get(key)?.metadata.resourceVersion)) return false
    index.set(key, object)
    return true
  }
  function remove({ metadata: { namespace, name, uid } }: KubeObject): boolean {
    const key = keyOf(namespace, name)
    const known = byKey.get(key)
    if (!known || (uid !== undefined && known.metadata.uid !== uid)) return false
    index.remove(key, known)
    return true
  }
  return {
    kept: {
      get: (namespace, name) => byKey.get(keyOf(namespace, name)),
      of: (runId) => index.of(labelValue(runId)),
      all: () => byKey.values(),
    },
    put: (object) => put(object),
    deleted(object) {
      const { namespace, name, uid, resourceVersion } = object.metadata
      const known = byKey.get(keyOf(namespace, name))?.metadata
      if (known?.uid === uid && isNewer(known?.resourceVersion, resourceVersion)) return false
      gone.remember(uid, resourceVersion)
      return remove(object)
    },
    drop(object) {
      gone.remember(object.metadata.uid)
      return remove(object)
    },
    replace({ objects, version, rolledBack }) {
      if (rolledBack) for (const [key, object] of byKey) index.remove(key, object)
      if (rolledBack) gone.forget()
      const listed = new Set<string>()
      for (const object of objects) {
        const key = keyOf(object.metadata.namespace, object.metadata.name)
        listed.add(key)
        put(object, key)
      }
      // What a write answered after the list was taken is not in it, and stays.
      for (const [key, object] of byKey) if (!listed.has(key) && !isNewer(object.metadata.resourceVersion, version)) index.remove(key, object)
    },
  }
}
