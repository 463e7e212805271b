import type { KubeClient } from '../cluster.ts'
import type { WatchedKind, WatchedObjects } from '../objects.ts'
import { type RawObject, trimmed } from './shape.ts'
import type { Target } from './target.ts'

interface Page {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items?: readonly RawObject[] | null
}

export interface ListOptions<Kind extends WatchedKind> {
  readonly kind: Kind
  readonly client: KubeClient
  readonly target: Target
  readonly pageSize: number
  readonly signal: AbortSignal
}

const PAGE_MS = 30_000

/**
 * All objects of a kind as they are now: without a version, the API server answers from the newest state. Page by page, each
 * trimmed before the next is asked for; the pages are of one moment, whose version comes with them.
 */
export async function listAll<Kind extends WatchedKind>({ kind, client, target, pageSize, signal }: ListOptions<Kind>) {
  const objects: WatchedObjects[Kind][] = []
  for (let page: Page | undefined; ; ) {
    const query = { ...target.query, limit: pageSize, continue: page?.metadata?.continue }
    page = await client.request<Page>({ method: 'GET', path: target.path, query, timeoutMs: PAGE_MS, signal })
    for (const item of page.items ?? []) objects.push(trimmed(kind, item))
    if (!page.metadata?.continue) return { objects, version: page.metadata?.resourceVersion ?? '' }
  }
}
