import type { KubeObject } from '../objects.ts'
import { isOldNews } from './version.ts'

/** So many removed objects are remembered, against late news of them. */
const REMEMBERED = 5_000
const FOR_GOOD = 'for good'

/** Objects that went, by uid, so that old news does not bring them back. */
export function goneObjects() {
  /** Uid → the version at which it went. */
  const gone = new Map<string, string>()
  return {
    /** Without a version: for good, whatever the watch still says. */
    remember(uid: string | undefined, version = FOR_GOOD): void {
      if (uid === undefined) return
      gone.delete(uid)
      gone.set(uid, version)
      for (const oldest of gone.keys()) {
        if (gone.size <= REMEMBERED) return
        gone.delete(oldest)
      }
    },
    /** Whether this is news from before the object went. */
    has({ metadata: { uid, resourceVersion } }: KubeObject): boolean {
      const at = uid === undefined ? undefined : gone.get(uid)
      return at !== undefined && (at === FOR_GOOD || isOldNews(resourceVersion, at))
    },
    forget: (): void => gone.clear(),
  }
}
