import { open } from 'node:fs/promises'
import { join } from 'node:path'

/** How much of the file's end is looked at: a few of its largest records. */
const WINDOW = 256 * 1024
const STREAMS: Readonly<Record<number, string>> = { 1: 'stdout', 2: 'stderr' }

/** A record of Docker's `local` log (moby, api/types/plugins/logdriver/entry.proto), as far as the end of a line is concerned. */
interface LogRecord {
  readonly source: string
  /** The last piece of a line that was kept in pieces. */
  readonly endsLine: boolean
}

/**
 * Did the last line of a stream end with a line end? The engine's API does not say it of a line that was kept in pieces, its file
 * does. Undefined: the file is not ours to read (another machine, another user).
 */
export async function lastLineEnded(rootDir: string, containerId: string, stream: number): Promise<boolean | undefined> {
  try {
    await using file = await open(join(rootDir, 'containers', containerId, 'local-logs', 'container.log'))
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, WINDOW))
    await file.read(tail, 0, tail.length, size - tail.length)
    return recordsFromEnd(tail).find(({ source }) => source === STREAMS[stream])?.endsLine
  } catch {
    return undefined
  }
}

/** Each record stands between its length and its length again, as 4 bytes big-endian: hence it can be read backwards. */
export function recordsFromEnd(tail: Buffer): readonly LogRecord[] {
  const records: LogRecord[] = []
  for (let end = tail.length; end >= 8; ) {
    const length = tail.readUInt32BE(end - 4)
    const start = end - 4 - length
    if (start < 4 || tail.readUInt32BE(start - 4) !== length) break
    records.push(parseRecord(tail.subarray(start, end - 4)))
    end = start - 4
  }
  return records
}

/** Protocol buffers, the fields that matter: 1 source (text), 4 partial, 5 metadata whose field 1 is `last`. */
function parseRecord(bytes: Buffer): LogRecord {
  const fields = new Map(fieldsOf(bytes))
  const metadata = fields.get(5)
  const last = Buffer.isBuffer(metadata) ? new Map(fieldsOf(metadata)).get(1) : undefined
  return { source: String(fields.get(1) ?? ''), endsLine: last === 1 }
}

function* fieldsOf(bytes: Buffer): Generator<[number, number | Buffer]> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++] ?? 0
      value += (byte & 127) * shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = varint()
    if ((key & 7) === 0) yield [key >> 3, varint()]
    else if ((key & 7) === 2) {
      const length = varint()
      yield [key >> 3, bytes.subarray(at, at + length)]
      at += length
    } else return
  }
}
