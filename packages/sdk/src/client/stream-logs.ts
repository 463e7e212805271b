import type { LogChunk } from '#contract/log.ts'
import type { Run } from '#contract/run.ts'
import { isFinal } from '#contract/run-state.ts'
import { fromBase64, toBase64 } from './base64.ts'
import type { CallOptions } from './options.ts'
import type { Query } from './resource.ts'
import { resume } from './resume.ts'

export interface StreamLogsOptions extends CallOptions {
  /** Only this container. Default: all. */
  readonly container?: string | undefined
  /** The first byte wanted, counted from the container's first. Default 0. */
  readonly offset?: number | undefined
  /** Goes on until the run has ended. Default false: what there is now. */
  readonly follow?: boolean | undefined
  /** Only the last lines of what there is now. */
  readonly tail?: number | undefined
}

interface Streamed {
  readonly open: (query: Query) => AsyncIterable<LogChunk>
  readonly read: () => Promise<Run>
  readonly retries: number
  readonly options: StreamLogsOptions
}

/** The part of a chunk from byte `from` on; undefined when nothing of it is new. */
const newPart = (chunk: LogChunk, from: number): LogChunk | undefined => {
  if (chunk.offset >= from) return chunk
  const rest = fromBase64(chunk.data).subarray(from - chunk.offset)
  return rest.length === 0 && chunk.end !== true ? undefined : { ...chunk, offset: from, data: toBase64(rest) }
}

/** Bytes of a chunk without decoding it. */
const sizeOf = (base64: string): number => (base64.length / 4) * 3 - (base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0)

/** Which byte comes next, for every container and attempt seen. */
const positions = () => {
  const next = new Map<string, number>()
  const keyOf = ({ container, attempt }: LogChunk) => `${attempt} ${container}`
  return {
    of: (chunk: LogChunk): number | undefined => next.get(keyOf(chunk)),
    pass: (chunk: LogChunk): void => void next.set(keyOf(chunk), chunk.offset + sizeOf(chunk.data)),
    /** The one next byte, if there is just one container: of several, no one offset says it. */
    only: (): number | undefined => (next.size === 1 ? [...next.values()][0] : undefined),
    any: (): boolean => next.size > 0,
  }
}

/** A run's log bytes, each once and in order, out of as many connections as it takes. */
export async function* streamLogs({ open, read, retries, options }: Streamed): AsyncGenerator<LogChunk, void> {
  const { container, offset: begin = 0, follow = false, tail, signal } = options
  const at = positions()
  let missed = false
  let ended = false
  let news = 0

  const rest = async function* () {
    const offset = missed ? begin : (at.only() ?? begin)
    const resumed = at.any()
    missed = false
    ended = false
    news = 0
    for await (const chunk of open({ container, offset, follow, tail: resumed ? undefined : tail })) {
      const seen = at.of(chunk)
      // Our offset was another container's, so that this one's beginning is missing: all is asked for, and what was given passed over.
      missed = resumed && seen === undefined && offset > begin
      if (missed) return
      ended = chunk.end === true
      const part = newPart(chunk, seen ?? 0)
      if (!part) continue
      at.pass(part)
      news++
      yield part
    }
  }
  const over = async () => !follow || ended || (news === 0 && isFinal((await read()).status.state)) // not every server sends `end`
  const done = async () => !missed && (await over())
  yield* resume({ open: rest, done, retries, signal })
}
