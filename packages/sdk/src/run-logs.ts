import { fromBase64 } from '#client/base64.ts'
import type { Log, LogChunk } from '#contract/log.ts'

/** What a container wrote. `text` is UTF-8 read leniently; `bytes` is exact. */
export interface ContainerLog {
  readonly container: string
  readonly text: string
  readonly bytes: Uint8Array
}

export const containerLog = (log: Log): ContainerLog => {
  const bytes = fromBase64(log.content)
  return { container: log.status.container, text: new TextDecoder().decode(bytes), bytes }
}

/** Chunks as text and bytes; a character cut between two chunks comes whole with the second. */
export async function* decodeChunks(chunks: AsyncIterable<LogChunk>): AsyncGenerator<ContainerLog, void> {
  const decoders = new Map<string, TextDecoder>()
  for await (const { container, attempt, data } of chunks) {
    const key = `${attempt} ${container}`
    const decoder = decoders.get(key) ?? new TextDecoder()
    decoders.set(key, decoder)
    const bytes = fromBase64(data)
    if (bytes.length > 0) yield { container, text: decoder.decode(bytes, { stream: true }), bytes }
  }
}
