import { DavitError } from 'davit/contract'
import { isKubeError, kubeErrorOf } from '../client/kube-error.ts'
import type { KubeClient } from '../cluster.ts'
import type { KubeObject, WatchedKind, WatchedObjects } from '../objects.ts'
import { jsonLines } from './json-lines.ts'
import type { Store } from './kept-objects.ts'
import { listAll } from './list-all.ts'
import { pauseAfter, type Sleepers } from './pause.ts'
import { type RawObject, trimmed } from './shape.ts'
import type { Target } from './target.ts'
import { compareVersions } from './version.ts'

export interface WatchSettings {
  /** Down for longer: what is kept may be old, and is listed again. */
  readonly staleMs: number
  /** A watch that says nothing for so long is opened again: most clusters send a bookmark once a minute, even when nothing happens. */
  readonly idleMs: number
  readonly pageSize: number
}

export interface WatchDeps<Kind extends WatchedKind> {
  readonly kind: Kind
  readonly target: Target
  readonly client: KubeClient
  readonly store: Store<WatchedObjects[Kind]>
  readonly settings: WatchSettings
  readonly sleepers: Sleepers
  /** `before`: what was known under its name. */
  readonly changed: (object: KubeObject, before: KubeObject | undefined) => void
  /** Everything of this kind may have changed; these were there before. */
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

interface WatchEvent {
  readonly type?: string
  readonly object?: RawObject
}

/** The version is too old to go on from, or was never reached by this cluster: only a list helps. */
const isGone = (error: unknown): boolean => isKubeError(error, 410) || (isKubeError(error) && /too large resource version/i.test(error.message))

/** No bookmark came either: the kind is quiet on a cluster whose etcd reports no progress, or the server is gone. Opening it again tells. */
const isSilence = (error: unknown): boolean => error instanceof DavitError && error.code === 'timeout'

/** The API server ends a watch after four to five minutes: not all of them at once. */
const watchSeconds = (random: number): number => 240 + Math.floor(random * 60)
const SHORTEST_WATCH_MS = 1_000
/** After so many failures in a row it begins from a list, whatever they were. */
const GIVE_UP_AFTER = 5

/** Where a watch stands: what it goes on from, and since when it does or does not. */
interface Position {
  /** Where to go on; undefined: only a list helps. */
  version: string | undefined
  /** The newest that was ever reached. */
  newest: string | undefined
  listed: boolean
  downSince: number | undefined
  lastError: unknown
  /** When the watch that stands, or just ended, was opened. */
  openedAt: number | undefined
  /** The watch that stands. */
  standing: { heardAt: number; readonly end: AbortController } | undefined
}

async function list<Kind extends WatchedKind>(at: Position, deps: WatchDeps<Kind>, signal: AbortSignal): Promise<void> {
  const { kind, store, client, target, settings, relisted, now } = deps
  const { objects, version } = await listAll({ kind, client, target, pageSize: settings.pageSize, signal })
  const before: readonly KubeObject[] = [...store.kept.all()]
  store.replace({ objects, version, rolledBack: (compareVersions(version, at.newest) ?? 0) < 0 })
  Object.assign(at, { version, newest: version, listed: true, downSince: now() })
  relisted(before)
}

function take<Kind extends WatchedKind>(at: Position, { kind, store, changed }: WatchDeps<Kind>, { type, object = {} }: WatchEvent): void {
  if (type === 'ERROR') throw kubeErrorOf(object, 0)
  if (type !== 'BOOKMARK') {
    const news = trimmed(kind, object)
    const before = store.kept.get(news.metadata.namespace ?? '', news.metadata.name)
    if (type === 'DELETED' ? store.deleted(news) : store.put(news)) changed(news, before)
  }
  const reached = object.metadata?.resourceVersion
  if (typeof reached === 'string' && (compareVersions(reached, at.version) ?? 1) > 0) at.version = at.newest = reached
}

async function watch<Kind extends WatchedKind>(at: Position, deps: WatchDeps<Kind>, signal: AbortSignal): Promise<void> {
  const { kind, client, target, settings, sleepers, log, now, random } = deps
  const { path, query } = target
  const from = { ...query, watch: true, allowWatchBookmarks: true, timeoutSeconds: watchSeconds(random()), resourceVersion: at.version }
  const end = new AbortController()
  const bytes = await client.stream({ method: 'GET', path, query: from, idleMs: settings.idleMs, signal: AbortSignal.any([signal, end.signal]) })
  if (at.lastError !== undefined) log('watch-back', { kind })
  const openedAt = now()
  const standing = { heardAt: openedAt, end }
  Object.assign(at, { openedAt, standing, downSince: undefined, lastError: undefined })
  sleepers.wake()
  const lines = jsonLines((value) => take(at, deps, value as WatchEvent)) // believed as lists are; `trimmed` refuses what is no object
  try {
    for await (const chunk of bytes) {
      standing.heardAt = now()
      lines.push(chunk)
    }
  } catch (error) {
    if (!isSilence(error)) throw error
  } finally {
    Object.assign(at, { downSince: now(), standing: undefined })
  }
  if (end.signal.aborted) return
  if (lines.partial) throw new Error(`the watch of ${path} was cut off`)
  if (now() - openedAt < SHORTEST_WATCH_MS && !signal.aborted) throw new Error(`the watch of ${path} ended at once`)
}

/** Lists a kind, watches it from there, and begins again after whatever happens, until the signal. */
export function kindWatch<Kind extends WatchedKind>(deps: WatchDeps<Kind>, signal: AbortSignal) {
  const { kind, settings, sleepers, log, random, now } = deps
  const at: Position = {
    version: undefined,
    newest: undefined,
    listed: false,
    downSince: now(),
    lastError: undefined,
    openedAt: undefined,
    standing: undefined,
  }

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      at.openedAt = undefined
      try {
        if (at.listed && at.downSince !== undefined && now() - at.downSince > settings.staleMs) at.version = undefined
        if (at.version === undefined) await list(at, deps, signal)
        await watch(at, deps, signal)
        failures = 0
      } catch (error) {
        if (signal.aborted) return
        failures = at.openedAt !== undefined && now() - at.openedAt >= SHORTEST_WATCH_MS ? 1 : failures + 1
        at.lastError = error
        if (isGone(error) || failures % GIVE_UP_AFTER === 0) at.version = undefined
        log('watch-failed', { kind, failures, reason: error instanceof Error ? error.message : String(error) })
        await sleepers.sleep(pauseAfter(error, failures, random()), signal)
      }
    }
  }
  /** Opens the watch again if it has said nothing for so long. */
  const doubt = (silentMs: number): void => {
    if (at.standing && now() - at.standing.heardAt >= silentMs) at.standing.end.abort()
  }
  return { done: run(), doubt, health: (): WatchHealth => ({ kind, listed: at.listed, downSince: at.downSince, lastError: at.lastError }) }
}
