import { labelValue } from '../labels.ts'
import type { KubeEvent, KubeObject } from '../objects.ts'
import type { Store } from './kept-objects.ts'
import { keyOf } from './object-index.ts'
import { isOldNews } from './version.ts'

/** The newest so many about one object are enough to say what is wrong. */
const PER_OBJECT = 10
const IN_ALL = 20_000
/** As long as the API server keeps them. */
const LIFETIME_MS = 3_600_000
const OUR_NAMES = 'davit-'

const timeOf = ({ lastTimestamp, eventTime, firstTimestamp, metadata }: KubeEvent): number =>
  Date.parse(lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp ?? '') || 0

const newestFirst = (a: KubeEvent, b: KubeEvent): number => timeOf(b) - timeOf(a)
const about = ({ involvedObject: { uid, namespace, name } }: KubeEvent): string => uid ?? keyOf(namespace, name ?? '')
const keyFor = ({ metadata: { namespace, name } }: KubeObject): string => keyOf(namespace, name)

export interface EventStore extends Store<KubeEvent> {
  /** Newest first. */
  about(object: KubeObject): readonly KubeEvent[]
  runOf(event: KubeEvent): string | undefined
}

/** Warnings about objects of ours, few for each: those of other people in the namespace are not kept. `runs`: uid → run. */
export function keptEvents(runs: ReadonlyMap<string, string>, now: () => number = Date.now): EventStore {
  const byKey = new Map<string, KubeEvent>()
  const byObject = new Map<string, readonly KubeEvent[]>()

  const isOurs = ({ involvedObject: { name = '', uid = '' } }: KubeEvent): boolean => name.startsWith(OUR_NAMES) || runs.has(uid)
  const isPast = (event: KubeEvent): boolean => now() - timeOf(event) > LIFETIME_MS
  const runOf = ({ involvedObject: { uid = '' } }: KubeEvent): string | undefined => runs.get(uid)

  function forget(event: KubeEvent): void {
    byKey.delete(keyFor(event))
    const rest = (byObject.get(about(event)) ?? []).filter((each) => each !== event)
    if (rest.length > 0) byObject.set(about(event), rest)
    else byObject.delete(about(event))
  }
  function keep(event: KubeEvent): void {
    const before = byKey.get(keyFor(event))
    if (before) forget(before)
    byKey.set(keyFor(event), event)
    const [kept, tooMany] = splitAt([...(byObject.get(about(event)) ?? []), event].sort(newestFirst), PER_OBJECT)
    byObject.set(about(event), kept)
    for (const each of tooMany) byKey.delete(keyFor(each))
    for (const oldest of byKey.values()) {
      if (byKey.size <= IN_ALL && !isPast(oldest)) return
      forget(oldest)
    }
  }
  const put = (event: KubeEvent): boolean => {
    const known = byKey.get(keyFor(event))
    if (!isOurs(event) || isPast(event) || isOldNews(event.metadata.resourceVersion, known?.metadata.resourceVersion)) return false
    keep(event)
    return true
  }
  const remove = (event: KubeObject): boolean => {
    const known = byKey.get(keyFor(event))
    if (known) forget(known)
    return false // that an old warning ends is no news about a run
  }
  const seenOf = (key: string): readonly KubeEvent[] => (byObject.get(key) ?? []).filter((event) => !isPast(event))
  return {
    kept: {
      get: (namespace, name) => byKey.get(keyOf(namespace, name)),
      of(runId) {
        const run = labelValue(runId)
        return [...byObject].flatMap(([uid, list]) => (runs.get(uid) === run ? list : [])).sort(newestFirst)
      },
      all: () => byKey.values(),
    },
    put,
    deleted: remove,
    drop: remove,
    replace({ objects }) {
      byKey.clear()
      byObject.clear()
      for (const event of [...objects].sort(newestFirst).reverse()) put(event)
    },
    about: ({ metadata: { uid, namespace, name } }) => seenOf(uid ?? keyOf(namespace, name)),
    runOf,
  }
}

const splitAt = <T>(list: readonly T[], index: number): readonly [readonly T[], readonly T[]] => [list.slice(0, index), list.slice(index)]
