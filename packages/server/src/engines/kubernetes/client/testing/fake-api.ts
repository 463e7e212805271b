import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An object of any kind, as a test makes it. */
export interface FakeObject {
  readonly kind?: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly labels?: Record<string, string>
  }
  readonly [field: string]: unknown
}

interface Change {
  readonly collection: string
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: FakeObject
}

interface Watcher {
  readonly collection: string
  readonly selects: (object: FakeObject) => boolean
  readonly response: ServerResponse
}

/** The little of an API server that a list-watch needs, in memory: versions, pages, selectors, watches, bookmarks, a forgotten past. */
export interface FakeApi {
  readonly url: string
  /** `pods`, `jobs` …: makes or replaces, in namespace `default` unless it says another. */
  put(collection: string, object: FakeObject): FakeObject
  remove(collection: string, name: string, namespace?: string): void
  /** Sends all watchers of a collection where they are. */
  bookmark(collection: string): void
  /** Sends an ERROR event to all watchers of a collection. */
  sendError(collection: string, code: number, message: string): void
  /** Ends all watches in good order, as at their timeout. */
  endWatches(): void
  /** Forgets the past: watches from before it get 410. */
  compact(): void
  /** Puts everything back to a version of the past, as a restored backup does. */
  rewind(version: number): void
  readonly version: number
  /** How many watch a collection. */
  watchers(collection: string): number
  /** Answers a path itself: `undefined` is none. */
  respond(path: string, answer: { readonly status: number; readonly body: unknown } | undefined): void
  /** Only this bearer token is accepted; undefined: any caller. */
  token: string | undefined
  close(): Promise<void>
}

const PATH = /^\/apis?\/(?:[^/]+\/)?v1(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?$/
const status = (code: number, reason: string, message: string) => ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message })

const selectorOf = (search: URLSearchParams) => {
  const [label = '', value = ''] = (search.get('labelSelector') ?? '').split('=')
  const namespaced = (namespace: string | undefined) => (object: FakeObject) =>
    (namespace === undefined || object.metadata.namespace === namespace) && (label === '' || object.metadata.labels?.[label] === value)
  return namespaced
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export async function fakeApi(): Promise<FakeApi> {
  let version = 100
  let oldest = 0
  let objects = new Map<string, FakeObject>()
  let changes: Change[] = []
  const watchers = new Set<Watcher>()
  const responses = new Map<string, { readonly status: number; readonly body: unknown }>([
    ['/version', { status: 200, body: { major: '1', minor: '36', gitVersion: 'v1.36.3' } }],
  ])

  const keyOf = (collection: string, namespace: string, name: string): string => `${collection}/${namespace}/${name}`
  const event = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`

  function happened(change: Change): void {
    changes.push(change)
    for (const { collection, selects, response } of watchers)
      if (collection === change.collection && selects(change.object)) response.write(event(change.type, change.object))
  }
  function list(collection: string, selects: (object: FakeObject) => boolean, search: URLSearchParams) {
    const limit = Number(search.get('limit') ?? 0) || Number.POSITIVE_INFINITY
    const [from = 0, at = version] = (search.get('continue') ?? '').split('@').filter(Boolean).map(Number)
    const all = [...objects].filter(([key, object]) => key.startsWith(`${collection}/`) && selects(object)).map(([, object]) => object)
    const more = from + limit < all.length ? { continue: `${from + limit}@${at}` } : {}
    return {
      kind: 'List',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(at), ...more },
      items: all.slice(from, from + limit).map(({ kind: _kind, ...rest }) => rest),
    }
  }
  function watch(watcher: Watcher, from: number): void {
    const { response, collection, selects } = watcher
    if (from < oldest) return send(response, 410, status(410, 'Expired', 'too old resource version'))
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    for (const change of changes)
      if (change.version > from && change.collection === collection && selects(change.object)) response.write(event(change.type, change.object))
    watchers.add(watcher)
    response.on('close', () => watchers.delete(watcher))
  }
  function handle(request: IncomingMessage, response: ServerResponse, api: FakeApi): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    if (api.token !== undefined && request.headers.authorization !== `Bearer ${api.token}`)
      return send(response, 401, status(401, 'Unauthorized', 'Unauthorized'))
    const own = responses.get(pathname)
    if (own) return send(response, own.status, own.body)
    const [, namespace, collection = '', name] = PATH.exec(pathname) ?? []
    const selects = selectorOf(searchParams)(namespace)
    if (name === undefined && searchParams.get('watch') === 'true')
      return watch({ collection, selects, response }, Number(searchParams.get('resourceVersion') ?? 0))
    if (name === undefined) return send(response, 200, list(collection, selects, searchParams))
    const found = objects.get(keyOf(collection, namespace ?? 'default', name))
    send(response, found ? 200 : 404, found ?? status(404, 'NotFound', `${collection} "${name}" not found`))
  }
  const toWatchers = (collection: string, line: string): void => {
    for (const watcher of watchers) if (watcher.collection === collection) watcher.response.write(line)
  }
  const server = createServer((request, response) => handle(request.resume(), response, api))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP

  const api: FakeApi = {
    url: `http://127.0.0.1:${port}`,
    token: undefined,
    get version() {
      return version
    },
    put(collection, object) {
      const namespace = object.metadata.namespace ?? 'default'
      const key = keyOf(collection, namespace, object.metadata.name)
      const before = objects.get(key)
      version++
      const metadata = { uid: before?.metadata.uid ?? randomUUID(), ...object.metadata, namespace, resourceVersion: String(version) }
      const made: FakeObject = { ...object, metadata }
      objects.set(key, made)
      happened({ collection, version, type: before ? 'MODIFIED' : 'ADDED', object: made })
      return made
    },
    remove(collection, name, namespace = 'default') {
      const key = keyOf(collection, namespace, name)
      const before = objects.get(key)
      if (!before) return
      objects.delete(key)
      version++
      happened({ collection, version, type: 'DELETED', object: { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } } })
    },
    bookmark: (collection) => toWatchers(collection, event('BOOKMARK', { metadata: { resourceVersion: String(version) } })),
    sendError: (collection, code, message) => toWatchers(collection, event('ERROR', status(code, code === 410 ? 'Expired' : 'InternalError', message))),
    endWatches() {
      for (const { response } of watchers) response.end()
      watchers.clear()
    },
    compact() {
      oldest = version
      changes = []
    },
    rewind(to) {
      const past = changes.filter((change) => change.version <= to)
      objects = new Map()
      for (const { collection, type, object } of past) {
        const key = keyOf(collection, object.metadata.namespace ?? 'default', object.metadata.name)
        if (type === 'DELETED') objects.delete(key)
        else objects.set(key, object)
      }
      version = to
      changes = past
    },
    watchers: (collection) => [...watchers].filter((watcher) => watcher.collection === collection).length,
    respond: (path, answer) => void (answer ? responses.set(path, answer) : responses.delete(path)),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return api
}
