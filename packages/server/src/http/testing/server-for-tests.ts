import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Endpoint, pageOf, Run } from 'davit/contract'
import { pino } from 'pino'
import { afterAll } from 'vitest'
import type * as z from 'zod'
import { compose, type Parts } from '#compose.ts'
import { type Faults, memoryEngine } from '#engines/memory/engine.ts'
import { type MemoryState, memoryState } from '#engines/memory/state.ts'
import type { Database } from '#store/database.ts'
import { fixedKeys } from '#secrets-key.ts'

export interface Answer<T = unknown> {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  readonly json: T
}

export interface Ask {
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

const PATIENCE_MS = 30_000
const Runs = pageOf(Run)

export type ServerForTests = Awaited<ReturnType<typeof serverForTests>>

/** The whole server on the memory engine and a real database; it ends with the file. A `state` that is given is the caller's to clear. `listen` gives its real address. */
export async function serverForTests(database: Database, options: Partial<Parts> & { readonly faults?: Faults; readonly state?: MemoryState } = {}) {
  const logged: string[] = []
  const { faults, state = memoryState({ restartAfterMs: 20 }), ...parts } = options
  const composed = await compose({
    config: { body_limit: 1_000_000, max_log_bytes: 10_000_000, concurrency: 8 },
    version: '1.2.3',
    database,
    embedded: true,
    engine: memoryEngine({ state, ...(faults && { faults }) }),
    engineEndpoint: undefined,
    keys: fixedKeys(randomBytes(32)),
    logger: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }),
    ...parts,
  })
  composed.start()
  let url: string | undefined
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= composed.close().finally(() => (options.state ? undefined : state.clear())))
  afterAll(close)

  const send = async <T = unknown>(method: string, path: string, { body, headers = {} }: Ask = {}): Promise<Answer<T>> => {
    const asText = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
    const {
      statusCode,
      headers: got,
      payload,
    } = await composed.app.inject({
      method: method as 'GET',
      url: path,
      headers: { ...(asText !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(asText !== undefined && { payload: asText }),
    })
    const isJson = String(got['content-type']).includes('json') && !String(got['content-type']).includes('ndjson') && payload !== ''
    return { status: statusCode, headers: got, text: payload, json: (isJson ? JSON.parse(payload) : undefined) as T }
  }

  /** Asks an endpoint, expects a success, and that the answer is what the contract promises. */
  const call = async <E extends Endpoint>(endpoint: E, path: string, body?: unknown): Promise<z.output<E['returns']>> => {
    const { status, json, text, headers } = await send(endpoint.method, path, { body })
    if (status !== 200) throw new Error(`${endpoint.method} ${path} answered ${status} ${text}`)
    if (headers['x-api-level'] !== '16') throw new Error('X-Api-Level is missing')
    return endpoint.returns.parse(json) as z.output<E['returns']>
  }

  const runOf = async (project: string, id: string): Promise<Run> => Run.parse((await send('GET', `/api/v1/-/${project}/runs/${id}`)).json)

  return {
    ...composed,
    state,
    logged,
    close,
    send,
    call,
    runOf,
    listen: async (): Promise<string> => (url ??= await composed.app.listen({ host: '127.0.0.1', port: 0 })),
    runs: async (project: string, query = '') => Runs.parse((await send('GET', `/api/v1/-/${project}/runs${query}`)).json),
    /** Asks for a run until it is as wanted. */
    until: async (project: string, id: string, wanted: (run: Run) => boolean): Promise<Run> => {
      for (const end = Date.now() + PATIENCE_MS; ; await sleep(15)) {
        const run = await runOf(project, id)
        if (wanted(run)) return run
        if (Date.now() > end) throw new Error(`run is still ${JSON.stringify(run.status)}`)
      }
    },
  }
}

export const inState =
  (...states: readonly string[]) =>
  ({ status }: Run): boolean =>
    states.includes(status.state)

/** A project, a function, its task and the path of runs. */
export async function given(
  server: ServerForTests,
  project: string,
  { action = 'job', spec = {} }: { action?: 'job' | 'deploy' | 'serve'; spec?: object } = {},
) {
  const P = `/api/v1/-/${project}`
  await server.send('POST', '/api/v1/projects', { body: { name: project } })
  const fn = (await server.send<{ id: string }>('POST', `${P}/functions`, { body: { name: 'hello', kind: 'container', spec: { image: 'app:1', ...spec } } }))
    .json
  const ref = `container://${project}/hello:${fn.id}`
  const task = (await server.send<{ id: string }>('POST', `${P}/tasks`, { body: { kind: `container+${action}`, spec: { function: ref } } })).json
  const kind = `container+${action}:run`
  const taskRef = `container+${action}://${project}/${task.id}`
  const submit = (said: object = {}, more: object = {}) => server.send<Run>('POST', `${P}/runs`, { body: { kind, ...more, spec: { task: taskRef, ...said } } })
  /** Submits a shell line; throws when it is refused. */
  const start = async (line: string, said: object = {}): Promise<Run> => {
    const { status, text, json } = await submit({ args: ['sh', '-c', line], ...said })
    if (status !== 200) throw new Error(`refused: ${text}`)
    return Run.parse(json)
  }
  return { P, ref, taskRef, kind, functionId: fn.id, taskId: task.id, submit, start }
}
