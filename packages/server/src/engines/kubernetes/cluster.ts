import type { KubeObject, WatchedKind, WatchedObjects } from './objects.ts'

/** One call to the API server. `path` begins with `/api` or `/apis`; text bodies go as they are, others as JSON. */
export interface KubeCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
  /** Default for PATCH: `application/apply-patch+yaml` (JSON is YAML), else `application/json`. */
  readonly contentType?: string
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the whole answer. Default: 15 000. */
  readonly timeoutMs?: number
}

/** Speaks to one API server with the user's credentials, renewed when they expire. */
export interface KubeClient {
  /** The server's URL, for messages. */
  readonly server: string
  /** The parsed answer. Throws KubeError for an answer that is a no, and other errors where there is no answer. */
  request<T>(call: KubeCall): Promise<T>
  /** The raw bytes of an answer (logs, watches), as they come. `idleMs`: no byte for so long is an error. Ends with the signal. */
  stream(call: KubeCall & { readonly idleMs?: number }): Promise<AsyncIterable<Uint8Array>>
  /** How far the server's clock is ahead of ours, in ms; 0: they agree to some seconds, or that is not known yet. */
  aheadMs(): number
  /** Calls whenever a call ran into its timeout, with how long it waited: what else was silent so long may be cut off too. Ends with the answer. */
  onLate(listener: (waitedMs: number) => void): () => void
  close(): Promise<void>
}

/** One kind's objects as last seen. */
export interface Kept<T extends KubeObject> {
  get(namespace: string, name: string): T | undefined
  /** Those that carry a run's label. */
  of(runId: string): readonly T[]
  all(): Iterable<T>
}

/** What the shared list-watches of one cluster know. Reading it costs no call. */
export interface ClusterCache {
  readonly kept: { readonly [Kind in WatchedKind]: Kept<WatchedObjects[Kind]> }
  /** Events about an object, newest first. */
  eventsOf(object: KubeObject): readonly WatchedObjects['events'][]
  /** Throws (with what went wrong last) while a kind was never listed, or its watch is broken for too long: then nothing here is evidence. */
  assertFresh(): void
  /** Takes what a write answered, so that the next read sees it; older news is ignored. */
  put(object: KubeObject): void
  /** Forgets what a delete removed at once. */
  drop(object: KubeObject): void
  /** Calls with a run's id whenever something of it may have changed; after each relist with every id. Ends with the answer. */
  onChange(listener: (runId: string) => void): () => void
}

/** A cluster of the configuration, connected. */
export interface Cluster {
  readonly name: string
  readonly client: KubeClient
  readonly cache: ClusterCache
  /** The namespace that holds a project's objects. */
  namespaceOf(project: string): string
  close(): Promise<void>
}
