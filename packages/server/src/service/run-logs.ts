import { DavitError, isFinal, type Log, type LogChunk, logKey } from 'davit/contract'
import { createMerge } from '#logs/merge.ts'
import { type ContainerLog, containersOf, type LogSource, streamLog } from '#logs/stream.ts'
import { inTurn, newestBytes } from '#logs/newest.ts'
import { newestLines } from '#logs/tail.ts'
import type { Paging } from '#store/list.ts'
import type { RunRow } from '#store/runs.ts'
import { assertMay, type Caller } from './access.ts'
import type { ServiceDeps } from './deps.ts'
import { beginOf, inOrder } from './log-order.ts'
import { noSuchProject } from './projects.ts'
import { noSuchRun } from './runs.ts'

const CHANGE_LOOK_MS = 2000

export interface StreamOptions {
  readonly container: string | undefined
  readonly offset: number
  readonly follow: boolean
  /** Only the last so many lines of what is there. */
  readonly tail: number | undefined
  readonly signal: AbortSignal
}

const sourceOf = ({ store, engine, changes }: ServiceDeps): LogSource => ({
  store,
  engine,
  nextChange: (id, signal) => changes.next(id, { ms: CHANGE_LOOK_MS, signal }),
})

const keyOf = ({ attempt, container }: ContainerLog): string => `${attempt}/${container}`

/** Where a run's containers are: a cluster says so itself; elsewhere the project stands for it, as it does in the address of a service. */
const namespaceOf = ({ status, project }: RunRow): string => {
  const [namespace] = (status.pods ?? []).flatMap((pod) => (typeof pod['namespace'] === 'string' ? [pod['namespace']] : []))
  return namespace ?? project
}

const toLog = (
  run: Pick<RunRow, 'id' | 'project' | 'user_name'>,
  log: ContainerLog,
  { content, created, omitted, namespace }: { content: string; created: string; omitted: number; namespace: string },
): Log => {
  // On a cluster a container is called after its pod.
  const place = { container: log.container, pod: log.container, namespace }
  // Container names hold the run's id and the attempt, so they are unique; official clients show them as the log's id.
  const id = log.container
  return {
    id,
    name: id,
    kind: 'log',
    project: run.project,
    user: run.user_name,
    key: logKey({ project: run.project, id }),
    run: run.id,
    metadata: { project: run.project, name: id, created, updated: created },
    spec: { run: run.id },
    status: { state: 'CREATED', ...place, ...(omitted > 0 && { omitted }) },
    extensions: place,
    content,
  }
}

async function* decoded(chunks: AsyncIterable<LogChunk>): AsyncGenerator<{ data: Buffer }> {
  for await (const { data } of chunks) yield { data: Buffer.from(data, 'base64') }
}

const bytesOf = async (chunks: AsyncIterable<LogChunk>): Promise<Buffer> => (await newestBytes(decoded(chunks), Number.POSITIVE_INFINITY)).bytes

/** One container's stream, or all of them as they come; followed containers that appear later (retries, replicas) join in. */
async function* streamAll(source: LogSource, run: RunRow, { container, offset, follow, signal }: Omit<StreamOptions, 'tail'>): AsyncGenerator<LogChunk> {
  const merge = createMerge<LogChunk>()
  const joined = new Set<string>()
  const join = async (): Promise<boolean> => {
    const current = await source.store.runs.findById(run.id)
    if (!current) return false
    for (const log of await containersOf(source.store, current)) {
      if ((container !== undefined && log.container !== container) || joined.has(keyOf(log))) continue
      joined.add(keyOf(log))
      merge.add(streamLog(source, run.id, { log, offset, follow, signal }))
    }
    return follow && !isFinal(current.state)
  }
  const attend = async (): Promise<void> => {
    try {
      while ((await join()) && !signal.aborted) await source.nextChange(run.id, signal)
    } finally {
      merge.seal()
    }
  }
  const attending = attend()
  attending.catch(() => undefined) // also awaited below, but only once the values are through
  yield* merge.values()
  await attending
}

/** The last lines of what is there now, then, with `follow`, what comes after them. */
async function* streamTail(source: LogSource, run: RunRow, { tail, ...options }: StreamOptions & { tail: number }): AsyncGenerator<LogChunk> {
  const all = (await containersOf(source.store, run)).filter(({ container }) => options.container === undefined || container === options.container)
  for (const [index, log] of all.entries()) {
    const now = await bytesOf(streamLog(source, run.id, { log, offset: 0, follow: false, signal: options.signal }))
    yield* streamLog(source, run.id, { log, offset: newestLines(now, tail), follow: options.follow && index === all.length - 1, signal: options.signal })
  }
}

export const runLogService = (deps: ServiceDeps) => {
  const { store } = deps
  const find = async (project: string, id: string): Promise<RunRow> => {
    const run = await store.runs.find(project, id)
    if (!run) throw noSuchRun(project, id)
    return run
  }
  const whole = async (run: RunRow, log: ContainerLog, { most = Number.POSITIVE_INFINITY, signal }: { most?: number; signal: AbortSignal }): Promise<Log> => {
    const created = beginOf(run, log)
    try {
      const chunks = streamLog(sourceOf(deps), run.id, { log, offset: 0, follow: false, signal })
      const { bytes, omitted } = await newestBytes(decoded(chunks), most)
      return toLog(run, log, { content: bytes.toString('base64'), created, omitted, namespace: namespaceOf(run) })
    } catch (cause) {
      throw new DavitError('unavailable', `the ${deps.engine.name} engine does not give the log of ${log.container} now`, {
        hint: 'try again; nothing is lost',
        cause,
      })
    }
  }
  return {
    /** The whole log of every container; those of the newest attempt come first: dhcli shows the first and no other. */
    async logs(caller: Caller, { project, id }: { project: string; id: string }, signal: AbortSignal): Promise<Log[]> {
      assertMay(caller, 'run.read', project)
      const run = await find(project, id)
      const logs = (await containersOf(store, run)).toSorted((a, b) => b.attempt - a.attempt)
      return Promise.all(logs.map((log) => whole(run, log, { signal })))
    },

    async stream(caller: Caller, { project, id }: { project: string; id: string }, options: StreamOptions): Promise<AsyncGenerator<LogChunk>> {
      assertMay(caller, 'run.read', project)
      const run = await find(project, id)
      return options.tail === undefined ? streamAll(sourceOf(deps), run, options) : streamTail(sourceOf(deps), run, { ...options, tail: options.tail })
    },

    /** Logs of a project; of one run its live ones too. A page holds so many bytes at most: of longer logs the end, and how much is left out. */
    async list(
      caller: Caller,
      project: string,
      { run: id, user, paging, signal }: { run: string | undefined; user: string | undefined; paging: Paging; signal: AbortSignal },
    ) {
      assertMay(caller, 'run.read', project)
      if (!(await store.projects.find(project))) throw noSuchProject(project)
      const run = id === undefined ? undefined : await store.runs.find(project, id)
      if (run) {
        const logs = user === undefined || run.user_name === user ? inOrder(await containersOf(store, run), { run, sort: paging.sort }) : []
        const page = logs.slice(paging.page * paging.size, (paging.page + 1) * paging.size)
        return { content: await inTurn(page, (log, most) => whole(run, log, { most, signal })), total: logs.length }
      }
      const { rows, total } = await store.logs.list(project, { run: id, user }, paging)
      const content = await inTurn(rows, async (row, most) => {
        const { bytes, omitted } = await newestBytes(store.logs.read(row, Math.max(row.first, row.bytes - most)), most)
        return toLog({ id: row.run, project, user_name: row.user_name }, row, {
          content: bytes.toString('base64'),
          created: row.created.toISOString(),
          namespace: row.namespace ?? row.project,
          omitted: Math.max(0, row.bytes - most - row.first) + omitted,
        })
      })
      return { content, total }
    },
  }
}
