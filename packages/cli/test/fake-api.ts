import { Buffer } from 'node:buffer'
import { type LogChunk, type RunStatus, toPage } from 'davit/contract'

type Json = Record<string, unknown>

export interface FakeApi {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** `POST /api/v1/projects` … in their order. */
  readonly requests: string[]
  readonly bodies: { readonly request: string; readonly body: unknown }[]
  readonly projects: Json[]
  readonly functions: Json[]
  readonly tasks: Json[]
  readonly runs: Json[]
}

export interface Script {
  /** What a run that is created goes through; the last stays. `open`: the watch never ends. */
  readonly statuses?: readonly RunStatus[]
  readonly open?: boolean
  readonly log?: readonly Uint8Array[]
}

const json = (value: unknown, status = 200): Response => new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } })
const missing = (what: string): Response => json({ status: 404, message: `No such ${what}.`, errorCode: 'not_found', request_id: 'req-1' }, 404)
const page = (items: readonly Json[]): Response => json(toPage(items, { page: 0, size: 1000, totalElements: items.length }))

const ndjson = (lines: readonly unknown[], { open = false, signal }: { open?: boolean | undefined; signal: AbortSignal | null | undefined }): Response => {
  const body = new ReadableStream({
    start: (controller) => {
      for (const line of lines) controller.enqueue(Buffer.from(`${JSON.stringify(line)}\n`))
      if (!open) controller.close()
      else signal?.addEventListener('abort', () => controller.error(new Error('aborted')))
    },
  })
  return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } })
}

const logChunks = (pieces: readonly Uint8Array[]): readonly LogChunk[] => {
  let offset = 0
  return pieces.map((piece, index) => {
    const chunk = { container: 'main', attempt: 1, offset, data: Buffer.from(piece).toString('base64'), ...(index === pieces.length - 1 && { end: true }) }
    offset += piece.length
    return chunk
  })
}

const entity = (body: Json, project: string): Json => ({
  id: body['id'],
  name: body['id'],
  key: 'store://x',
  user: 'admin',
  project,
  metadata: { created: '2026-01-01T00:00:00.000Z' },
  spec: {},
  status: { state: 'CREATED' },
  ...body,
})

/** As much of the API as the CLI needs, in memory; for tests of the CLI without a server. */
export const fakeApi = ({ statuses = [{ state: 'COMPLETED', phase: 'finished' }], open, log = [] }: Script = {}): FakeApi => {
  const api: Omit<FakeApi, 'fetch'> = { requests: [], bodies: [], projects: [], functions: [], tasks: [], runs: [] }
  const submitted = new Set<Json>()
  const listed: Readonly<Record<string, Json[]>> = { functions: api.functions, tasks: api.tasks, runs: api.runs }
  const matching = (rows: readonly Json[], query: URLSearchParams): readonly Json[] =>
    rows.filter((row) => (query.get('name') === null || row['name'] === query.get('name')) && (query.get('kind') === null || row['kind'] === query.get('kind')))

  const inProject = (
    method: string,
    [project = '', group = '', id = '', verb = '']: readonly string[],
    { query, body, signal }: { query: URLSearchParams; body: Json; signal: AbortSignal | null | undefined },
  ): Response => {
    const rows = listed[group]
    if (!rows) return missing('thing')
    const found = rows.find((row) => row['id'] === id)
    if (method === 'GET' && id === '') return page(matching(rows, query))
    if (method === 'POST' && id === '') {
      const made = entity(body, project)
      if (group === 'runs') {
        made['status'] = { state: 'READY', phase: 'queued' }
        submitted.add(made)
      }
      rows.unshift(made)
      return json(made)
    }
    if (!found) return missing('run')
    if (verb === '' && method === 'GET' && submitted.has(found)) return json({ ...found, status: statuses.at(-1) })
    if (verb === 'watch')
      return ndjson(
        statuses.map((status) => ({ ...found, status })),
        { open, signal },
      )
    if (verb === 'logs') return json([])
    if (verb === 'stop') return json({ ...found, status: { state: 'STOP' } })
    if (method === 'DELETE') rows.splice(rows.indexOf(found), 1)
    return json(found)
  }

  const answer = (method: string, url: URL, rest: { body: Json; signal: AbortSignal | null | undefined }): Response => {
    const [, , kind = '', ...parts] = url.pathname.split('/').filter(Boolean).map(decodeURIComponent)
    if (url.pathname.endsWith('/logs/stream')) return ndjson(logChunks(log), { open, signal: rest.signal })
    if (kind === '-') return inProject(method, parts, { ...rest, query: url.searchParams })
    if (kind !== 'projects') return missing('thing')
    const [name] = parts
    if (method === 'POST') api.projects.push({ ...entity({ ...rest.body, id: rest.body['name'] }, String(rest.body['name'])), kind: 'project' })
    if (name === undefined) return method === 'POST' ? json(api.projects.at(-1)) : page(api.projects)
    const found = api.projects.find((project) => project['name'] === name)
    return found ? json(found) : missing('project')
  }

  const fetch: FakeApi['fetch'] = async (text, init) => {
    const url = new URL(text)
    const method = init.method ?? 'GET'
    const body: Json = typeof init.body === 'string' ? (JSON.parse(init.body) as Json) : {}
    api.requests.push(`${method} ${url.pathname}`)
    if (typeof init.body === 'string') api.bodies.push({ request: `${method} ${url.pathname}`, body })
    return answer(method, url, { body, signal: init.signal })
  }
  return { ...api, fetch }
}
