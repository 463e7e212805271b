/** What one page of logs may hold, in bytes before base64: enough for any terminal, little enough for a server that answers many. */
const PAGE_BYTES = 16 * 1024 * 1024

/** The last `most` bytes of what comes, and how many came before them. No more than that, and one chunk, is ever held. */
export const newestBytes = async (
  chunks: AsyncIterable<{ readonly data: Buffer }>,
  most: number,
): Promise<{ readonly bytes: Buffer; readonly omitted: number }> => {
  const parts: Buffer[] = []
  let [held, omitted] = [0, 0]
  for await (const { data } of chunks) {
    parts.push(data)
    held += data.length
    for (let [first] = parts; first && held - first.length >= most; [first] = parts) {
      parts.shift()
      held -= first.length
      omitted += first.length
    }
  }
  const over = Math.max(0, held - most)
  return { bytes: Buffer.concat(parts).subarray(over), omitted: omitted + over }
}

/**
 * Reads the logs of a page one after another, each with its share of what the page may hold: what short ones leave goes to those that follow.
 * `read` is told how many bytes it may give; the results tell by their base64 how many they were.
 */
export const inTurn = async <L, T extends { readonly content: string }>(
  logs: readonly L[],
  read: (log: L, most: number) => Promise<T>,
  budget = PAGE_BYTES,
): Promise<T[]> => {
  const results: T[] = []
  let left = budget
  for (const [index, log] of logs.entries()) {
    const result = await read(log, Math.floor(left / (logs.length - index)))
    left -= Buffer.byteLength(result.content, 'base64')
    results.push(result)
  }
  return results
}
