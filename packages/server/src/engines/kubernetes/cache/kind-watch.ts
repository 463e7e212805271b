import { isKubeError, kubeErrorOf } from '../client/kube-error.ts'
import type { KubeClient } from '../cluster.ts'
import { LABEL } from '../labels.ts'
import { type KubeObject, WATCHED, type WatchedKind, type WatchedObjects } from '../objects.ts'
import { jsonLines } from './json-lines.ts'
import type { Store } from './kept-objects.ts'
import { pauseAfter, type Sleepers } from './pause.ts'
import { type RawObject, trimmed } from './shape.ts'
import { compareVersions } from './version.ts'

export interface WatchSettings {
  /** Undefined: all. */
  readonly namespace: string | undefined
  /** Label value of this installation. */
  readonly installation: string
  /** Down for longer: what is kept may be old, and is listed again. */
  readonly staleMs: number
  /** A watch that says nothing for so long is dead: the API server sends a bookmark about once a minute. */
  readonly idleMs: number
  readonly pageSize: number
}

export interface WatchDeps<Kind extends WatchedKind> {
  readonly kind: Kind
  readonly client: KubeClient
  readonly store: Store<WatchedObjects[Kind]>
  readonly settings: WatchSettings
  readonly sleepers: Sleepers
  readonly changed: (object: KubeObject) => void
  /** Everything of this kind may have changed. */
  readonly relisted: (before: readonly KubeObject[]) => void
  readonly log: (event: string, fields: object) => void
  readonly random: () => number
  readonly now: () => number
}

/** Whether one kind's objects can be believed. */
export interface WatchHealth {
  readonly kind: WatchedKind
  readonly listed: boolean
  /** Epoch ms; undefined: it stands. */
  readonly downSince: number | undefined
  readonly lastError: unknown
}

interface Page {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items?: readonly RawObject[] | null
}

interface WatchEvent {
  readonly type?: string
  readonly object?: RawObject
}

/** The version is too old to go on from, or was never reached by this cluster: only a list helps. */
const isGone = (error: unknown): boolean => isKubeError(error, 410) || (isKubeError(error) && /too large resource version/i.test(error.message))

/** The list's address, and which of its objects are ours. */
export function targetOf(kind: WatchedKind, { namespace, installation }: Pick<WatchSettings, 'namespace' | 'installation'>) {
  const { path, resource, ours } = WATCHED[kind]
  return {
    path: `${path}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${resource}`,
    query: ours ? { labelSelector: `${LABEL.installation}=${installation}` } : { fieldSelector: 'type=Warning' },
  }
}

const SHORTEST_WATCH_MS = 1_000
const LIST_MS = 30_000

/** Lists a kind, watches it from there, and begins again after whatever happens, until the signal. */
export function kindWatch<Kind extends WatchedKind>(deps: WatchDeps<Kind>, signal: AbortSignal) {
  const { kind, client, store, settings, sleepers, changed, relisted, log, random, now } = deps
  const { path, query } = targetOf(kind, settings)
  /** Where to go on; undefined: only a list helps. */
  let version: string | undefined
  let newest: string | undefined
  let listed = false
  let downSince: number | undefined = now()
  let lastError: unknown
  /** When the watch that stands, or just ended, was opened. */
  let openedAt: number | undefined

  const reached = (to: string | undefined): void => {
    if (to !== undefined && (compareVersions(to, version) ?? 1) > 0) version = newest = to
  }

  async function list(): Promise<void> {
    const objects: WatchedObjects[Kind][] = []
    let page: Page = {}
    do {
      const more = page.metadata?.continue
      page = await client.request<Page>({
        method: 'GET',
        path,
        query: { ...query, limit: settings.pageSize, continue: more || undefined },
        timeoutMs: LIST_MS,
        signal,
      })
      for (const item of page.items ?? []) objects.push(trimmed(kind, item))
    } while (page.metadata?.continue)
    const at = page.metadata?.resourceVersion ?? ''
    const before: readonly KubeObject[] = [...store.kept.all()]
    store.replace({ objects, version: at, rolledBack: (compareVersions(at, newest) ?? 0) < 0 })
    version = newest = at
    listed = true
    downSince = now()
    relisted(before)
  }

  function take({ type, object = {} }: WatchEvent): void {
    if (type === 'ERROR') throw kubeErrorOf(object, 0)
    if (type !== 'BOOKMARK') {
      const news = trimmed(kind, object)
      if (type === 'DELETED' ? store.deleted(news) : store.put(news)) changed(news)
    }
    const { resourceVersion } = object.metadata ?? {}
    reached(typeof resourceVersion === 'string' ? resourceVersion : undefined)
  }

  async function watch(): Promise<void> {
    const timeoutSeconds = 240 + Math.floor(random() * 60)
    const from = { ...query, watch: true, allowWatchBookmarks: true, timeoutSeconds, resourceVersion: version }
    const bytes = await client.stream({ method: 'GET', path, query: from, idleMs: settings.idleMs, signal })
    openedAt = now()
    if (lastError !== undefined) log('watch-back', { kind })
    downSince = lastError = undefined
    sleepers.wake()
    const lines = jsonLines((value) => take(value as WatchEvent)) // believed as lists are; `trimmed` refuses what is no object
    try {
      for await (const chunk of bytes) lines.push(chunk)
    } finally {
      downSince = now()
    }
    if (lines.partial) throw new Error(`the watch of ${path} was cut off`)
    if (now() - openedAt < SHORTEST_WATCH_MS && !signal.aborted) throw new Error(`the watch of ${path} ended at once`)
  }

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      openedAt = undefined
      try {
        if (listed && downSince !== undefined && now() - downSince > settings.staleMs) version = undefined
        if (version === undefined) await list()
        await watch()
        failures = 0
      } catch (error) {
        if (signal.aborted) return
        failures = openedAt !== undefined && now() - openedAt >= SHORTEST_WATCH_MS ? 1 : failures + 1
        lastError = error
        if (isGone(error) || failures % 5 === 0) version = undefined
        log('watch-failed', { kind, failures, reason: error instanceof Error ? error.message : String(error) })
        await sleepers.sleep(pauseAfter(error, failures, random()), signal)
      }
    }
  }
  return { done: run(), health: (): WatchHealth => ({ kind, listed, downSince, lastError }) }
}
