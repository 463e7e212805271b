import { open, stat, truncate } from 'node:fs/promises'

/** The last lines of a file, at most; empty when there is no such file. */
export const logTail = async (path: string, lines: number): Promise<readonly string[]> => {
  const file = await open(path, 'r').catch(() => undefined)
  if (file === undefined) return []
  try {
    const { size } = await file.stat()
    const length = Math.min(size, 16_384)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .slice(-lines)
  } finally {
    await file.close()
  }
}

/** Empties a log that others append to once it is larger than `bytes`. Its end was worth little: it is for looking at a failed start. */
export const capLog = async (path: string, bytes: number): Promise<void> => {
  const { size } = await stat(path).catch(() => ({ size: 0 }))
  if (size > bytes) await truncate(path, 0)
}
