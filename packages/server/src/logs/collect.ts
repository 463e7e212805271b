import type { Engine, WorkloadRef } from '#domain/engine.ts'
import { untilLost } from '#domain/log-lost.ts'
import type { LogKey, LogRepo } from '#store/logs.ts'
import { type LineOptions, tailBuffer } from './tail.ts'

/** Chunks as stored: large enough that a row costs little, small enough to stream. */
const CHUNK_BYTES = 256 * 1024
const TAIL_BYTES = 16 * 1024
const LAST_LINES = 10

export interface CollectInput {
  readonly engine: Engine
  readonly logs: LogRepo
  readonly ref: WorkloadRef
  readonly owner: { readonly project: string; readonly user: string }
  /** The most that is stored of one container; of a longer log the end is kept. */
  readonly maxBytes: number
  /** Takes out of the last lines what must not be seen outside the log. */
  readonly hide: NonNullable<LineOptions['hide']>
  readonly signal: AbortSignal
}

export interface Collected {
  readonly container: string
  readonly bytes: number
  /** Bytes at the beginning that are not stored. */
  readonly dropped: number
  readonly lastLines: readonly string[]
  /** Why the engine has no more of it. Undefined: this is the whole log. */
  readonly lost?: string | undefined
  /** A short log is not stored yet: this does so, in a transaction of the caller's. */
  readonly store?: (logs: LogRepo) => Promise<unknown>
}

async function* inChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, undefined> {
  let parts: Uint8Array[] = []
  let size = 0
  for await (const part of source) {
    parts.push(part)
    size += part.length
    if (size < CHUNK_BYTES) continue
    const whole = Buffer.concat(parts)
    for (let at = 0; at + CHUNK_BYTES <= whole.length; at += CHUNK_BYTES) yield whole.subarray(at, at + CHUNK_BYTES)
    const rest = whole.subarray(whole.length - (whole.length % CHUNK_BYTES))
    parts = rest.length > 0 ? [rest] : []
    size = rest.length
  }
  if (size > 0) yield Buffer.concat(parts)
  return undefined
}

/** Reads a container's whole log, which must have ended, and stores it; a short one is stored by whoever called. Safe to repeat: an interrupted collection begins anew. */
export async function collectLog(container: string, { engine, logs, ref, owner, maxBytes, hide, signal }: CollectInput): Promise<Collected> {
  const key: LogKey = { run: ref.runId, attempt: ref.attempt, container }
  const tail = tailBuffer(TAIL_BYTES)
  let lost: string | undefined
  const chunks = inChunks(untilLost(engine.logs(ref, container, { follow: false, signal }), (why) => (lost = why)))
  const { value: opening, done } = await chunks.next()
  signal.throwIfAborted()
  if (done || opening.length < CHUNK_BYTES) {
    const data = done ? Buffer.alloc(0) : opening
    tail.push(data)
    const store = (repo: LogRepo): Promise<unknown> => repo.storeWhole(key, owner, data)
    return { container, bytes: data.length, dropped: 0, lastLines: tail.lines(LAST_LINES, { hide }), lost, store }
  }
  await logs.begin(key, owner)
  let bytes = 0
  let first = 0
  for (let chunk: Buffer | undefined = opening; chunk; chunk = (await chunks.next()).value) {
    signal.throwIfAborted()
    await logs.append(key, bytes, chunk)
    bytes += chunk.length
    tail.push(chunk)
    if (bytes - first > maxBytes + CHUNK_BYTES) first = await logs.forgetBefore(key, bytes - maxBytes)
  }
  await logs.finish(key, { first, bytes })
  return { container, bytes, dropped: first, lastLines: tail.lines(LAST_LINES, { hide }), lost }
}
