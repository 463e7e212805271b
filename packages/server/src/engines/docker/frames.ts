/** One piece of a log: what the engine passed on in one go. */
export interface Frame {
  /** 1: stdout, 2: stderr. */
  readonly stream: number
  readonly body: Buffer
}

const HEADER = 8

/**
 * The engine's log stream: frames of an 8-byte header (stream, 3 zeroes, length as big-endian 32 bits) and that many bytes. Yields the
 * frames that each chunk completes together: a log of short lines has a million of them.
 */
export async function* frames(stream: AsyncIterable<Buffer>): AsyncGenerator<readonly Frame[]> {
  let waiting: Buffer[] = []
  let held = 0
  let need = HEADER
  for await (const chunk of stream) {
    waiting.push(chunk)
    held += chunk.length
    if (held < need) continue // a long frame is put together once, not at each chunk
    const { complete, rest } = cut(waiting.length === 1 ? chunk : Buffer.concat(waiting))
    if (complete.length > 0) yield complete
    waiting = rest.length > 0 ? [rest] : []
    held = rest.length
    need = rest.length < HEADER ? HEADER : HEADER + rest.readUInt32BE(4)
  }
}

function cut(bytes: Buffer): { complete: readonly Frame[]; rest: Buffer } {
  const complete: Frame[] = []
  let at = 0
  while (at + HEADER <= bytes.length) {
    const end = at + HEADER + bytes.readUInt32BE(at + 4)
    if (end > bytes.length) break
    complete.push({ stream: bytes[at] ?? 0, body: bytes.subarray(at + HEADER, end) })
    at = end
  }
  return { complete, rest: bytes.subarray(at) }
}
