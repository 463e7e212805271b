import { isFinal, type LogChunk } from 'davit/contract'
import type { Engine, WorkloadRef } from '#domain/engine.ts'
import { untilLost } from '#domain/log-lost.ts'
import { workloadName } from '#domain/names.ts'
import type { LogStreamRow } from '#store/logs.ts'
import type { RunRow } from '#store/runs.ts'
import type { Store } from '#store/store.ts'

/** Lines of a stream carry this much at most, before base64. */
const PIECE_BYTES = 64 * 1024

export interface LogSource {
  readonly store: Store
  readonly engine: Engine
  /** Settles at the next change of the run, or after a while. */
  readonly nextChange: (runId: string, signal: AbortSignal) => Promise<void>
}

export interface ContainerLog {
  readonly attempt: number
  readonly container: string
}

/** Every container of a run that has or had a log: those stored, and those that run now. */
export async function containersOf(store: Store, run: RunRow): Promise<readonly ContainerLog[]> {
  const stored = await store.logs.streams(run.id)
  const live = (run.status.containers ?? [])
    .filter(({ state, started }) => state !== 'waiting' || started !== undefined)
    .map(({ name, attempt }) => ({ attempt, container: name }))
  const all = [...stored.map(({ attempt, container }) => ({ attempt, container })), ...live]
  return [...new Map(all.map((log) => [`${log.attempt}/${log.container}`, log])).values()]
}

const refOf = (run: RunRow, attempt: number): WorkloadRef => ({
  name: workloadName(run, attempt),
  runId: run.id,
  project: run.project,
  attempt,
  cluster: run.spec.cluster,
})

async function* pieces(log: ContainerLog, start: number, data: Uint8Array): AsyncGenerator<LogChunk> {
  for (let at = 0; at < data.length; at += PIECE_BYTES)
    yield { ...log, offset: start + at, data: Buffer.from(data.buffer, data.byteOffset + at, Math.min(PIECE_BYTES, data.length - at)).toString('base64') }
}

/** From the engine, whose log begins at the container's first byte: what comes before the offset is skipped. */
async function* live(
  { engine }: LogSource,
  run: RunRow,
  { log, offset, follow, signal }: { log: ContainerLog; offset: number; follow: boolean; signal: AbortSignal },
): AsyncGenerator<LogChunk> {
  let at = 0
  // What is lost is told on the run, once it has ended.
  for await (const data of untilLost(engine.logs(refOf(run, log.attempt), log.container, { follow, signal }), () => undefined)) {
    const skip = Math.min(data.length, Math.max(0, offset - at))
    if (skip < data.length) yield* pieces(log, at + skip, data.subarray(skip))
    at += data.length
  }
}

async function* stored({ store }: LogSource, run: RunRow, { row, offset }: { row: LogStreamRow; offset: number }): AsyncGenerator<LogChunk> {
  const log = { attempt: row.attempt, container: row.container }
  let first = row.first > offset
  for await (const { start, data } of store.logs.read({ run: run.id, ...log }, Math.max(offset, row.first)))
    for await (const piece of pieces(log, start, data)) {
      yield first ? { ...piece, dropped: row.first } : piece
      first = false
    }
}

/**
 * One container's log from a byte on. With `follow` it goes on through restarts and changes from the engine to the store without
 * losing or repeating a byte, until the log is complete; its last piece says `end`.
 */
export async function* streamLog(
  source: LogSource,
  runId: string,
  options: { log: ContainerLog; offset: number; follow: boolean; signal: AbortSignal },
): AsyncGenerator<LogChunk> {
  const { log, follow, signal } = options
  let { offset } = options
  while (!signal.aborted) {
    const run = await source.store.runs.findById(runId)
    if (!run) return
    const row = (await source.store.logs.streams(runId)).find(
      ({ attempt, container, complete }) => complete && attempt === log.attempt && container === log.container,
    )
    const chunks = row ? stored(source, run, { row, offset }) : live(source, run, { log, offset, follow, signal })
    for await (const chunk of chunks) {
      offset = chunk.offset + Buffer.byteLength(chunk.data, 'base64')
      yield chunk
    }
    if (row || !follow || isFinal(run.state)) {
      if (row || isFinal(run.state)) yield { ...log, offset, data: '', end: true }
      return
    }
    await source.nextChange(runId, signal)
  }
}
