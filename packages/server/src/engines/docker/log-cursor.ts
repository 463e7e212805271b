import { cutLines } from './cut-lines.ts'
import type { Frame } from './frames.ts'

/**
 * How far a log was read, so that a second reading goes on exactly there. Docker stamps each piece with its time to the nanosecond;
 * pieces of one long line share it, hence the counts. Podman's stamps are whole seconds, so there bytes are counted.
 */
export interface LogCursor {
  /** What to ask the engine for. */
  readonly query: () => Readonly<Record<string, string>>
  /** Call when a reading begins. */
  readonly begin: () => void
  /** The bytes of frames that were not seen before. */
  readonly take: (frames: readonly Frame[]) => Buffer
  /** Streams (1: stdout, 2: stderr) whose last line is long and whose end the engine may have swallowed. */
  readonly unsure: () => readonly number[]
}

const STAMP = '2006-01-02T15:04:05.000000000Z'.length
const REMEMBERED = 256
const BOTH = { stdout: '1', stderr: '1' }

/** `2026-01-02T03:04:05.000000006Z` → `1767323045.000000006`, as the engine's `since` takes it. */
export const sinceOf = (stamp: string): string => `${Math.floor(Date.parse(stamp) / 1000)}.${stamp.slice(20, 29)}`

/** For Docker: survives logs whose beginning was rotated away meanwhile. */
export function stampCursor(): LogCursor {
  // Stdout and stderr are stamped by two hands, so stamps may step back a little: the last few hundred are kept, with their counts.
  const recent = new Map<string, number>()
  const ends = cutLines()
  let repeats = new Map<string, number>()
  const isNew = (stamp: string): boolean => {
    const again = repeats.get(stamp) ?? 0
    if (again > 0) {
      repeats.set(stamp, again - 1)
      return false
    }
    recent.set(stamp, (recent.get(stamp) ?? 0) + 1)
    const [oldest] = recent.keys()
    if (recent.size > REMEMBERED && oldest !== undefined) recent.delete(oldest)
    return true
  }
  return {
    query: () => {
      const [earliest] = [...recent.keys()].toSorted()
      return { ...BOTH, timestamps: '1', ...(earliest !== undefined && { since: sinceOf(earliest) }) }
    },
    begin: () => {
      repeats = new Map(recent)
    },
    take: (frames) =>
      Buffer.concat(
        frames.flatMap(({ stream, body }) => {
          const stamp = body.toString('latin1', 0, STAMP)
          return isNew(stamp) ? ends.mend({ stream, stamp, piece: body.subarray(STAMP + 1) }) : []
        }),
      ),
    unsure: ends.unsure,
  }
}

/** For Podman: reads from the beginning and passes over what was seen. */
export function byteCursor(): LogCursor {
  let seen = 0
  let at = 0
  return {
    query: () => BOTH,
    begin: () => {
      at = 0
    },
    take: (frames) => {
      const bytes = Buffer.concat(frames.map(({ body }) => body))
      const fresh = bytes.subarray(Math.min(bytes.length, Math.max(0, seen - at)))
      at += bytes.length
      seen = Math.max(seen, at)
      return fresh
    },
    unsure: () => [],
  }
}
