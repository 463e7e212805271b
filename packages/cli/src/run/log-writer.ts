import { Buffer } from 'node:buffer'
import type { LogChunk } from 'davit/contract'
import type { Out } from '#runner/out.ts'

const NEWLINE = 0x0a

interface Pending {
  readonly container: string
  text: Buffer
}

/**
 * Puts log chunks out. Plain: each byte as it came. With `prefix`: whole lines, each behind the name of its container; `finish`
 * puts out the lines that never got their newline.
 */
export const logWriter = (out: Out, { prefix, to = 'stdout' }: { prefix: boolean; to?: 'stdout' | 'stderr' }) => {
  const pending = new Map<string, Pending>()
  const withPrefix = async ({ container, text }: Pending): Promise<void> => {
    const lines = text
      .toString('utf8')
      .split('\n')
      .map((line) => `${out.colors.cyan(`[${container}]`)} ${line}\n`)
    await out.bytes(Buffer.from(lines.join('')), to)
  }
  const push = async (container: string, data: Buffer): Promise<void> => {
    const line = pending.get(container) ?? { container, text: Buffer.alloc(0) }
    const text = Buffer.concat([line.text, data])
    const end = text.lastIndexOf(NEWLINE)
    if (end >= 0) await withPrefix({ container, text: text.subarray(0, end) })
    pending.set(container, { container, text: text.subarray(end + 1) })
  }
  return {
    write: async (chunk: LogChunk): Promise<void> => {
      if (chunk.dropped) await out.warn(`(${chunk.dropped} bytes before this are no longer stored)`)
      const data = Buffer.from(chunk.data, 'base64')
      if (data.length > 0) await (prefix ? push(chunk.container, data) : out.bytes(data, to))
    },
    finish: async (): Promise<void> => {
      for (const line of pending.values()) if (line.text.length > 0) await withPrefix(line)
    },
  }
}
