/** The engine's log stream: frames of an 8-byte header (stream, 3 zeroes, length as big-endian 32 bits) and that many bytes. */
export async function* frames(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = []
  let held = 0
  let need = 8
  let inHeader = true
  for await (const chunk of stream) {
    waiting.push(chunk)
    held += chunk.length
    if (held < need) continue // a long frame is put together once, not at each chunk
    let rest = waiting.length === 1 ? chunk : Buffer.concat(waiting)
    while (rest.length >= need) {
      const part = rest.subarray(0, need)
      rest = rest.subarray(need)
      if (!inHeader) yield part
      const length: number = inHeader ? part.readUInt32BE(4) : 0
      inHeader = !inHeader || length === 0
      need = inHeader ? 8 : length
    }
    waiting = rest.length > 0 ? [rest] : []
    held = rest.length
  }
}
