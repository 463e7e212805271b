import { LogLost } from '#domain/log-lost.ts'

/** How a kubelet says that a container is gone, or the file of its log: the beginning, and the whole. */
const LOST = [
  ['unable to retrieve container logs for ', /^[a-z][a-z0-9.-]*:\/\/[0-9a-f]+\s*$/],
  ['failed to try resolving symlinks in path "', /^\/[^"]+\.log": .*no such file or directory\s*$/],
  ['failed to open log file "', /^\/[^"]+\.log": .*no such file or directory\s*$/],
] as const
/** Longer than these words with any path. */
const LONGEST = 4096

const mayBeLost = (head: Buffer): boolean =>
  head.length <= LONGEST && LOST.some(([begin]) => head.toString().startsWith(begin) || begin.startsWith(head.toString()))
const isLost = (text: string): boolean => LOST.some(([begin, rest]) => text.startsWith(begin) && rest.test(text.slice(begin.length)))

/**
 * The log of a container that has ended. When a node has cleaned the container away (an eviction), its kubelet answers with 200 and says
 * so in place of the log: that is no output of anybody's. Throws LogLost then.
 */
export async function* unlessLost(log: AsyncIterable<Uint8Array>, pod: string): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const data of log) {
    if (!head) {
      yield data
      continue
    }
    head = Buffer.concat([head, data])
    if (mayBeLost(head)) continue
    yield head
    head = undefined
  }
  if (!head) return
  if (isLost(head.toString())) throw new LogLost(`the node of pod ${pod} has cleaned its container away, and the log with it`)
  if (head.length > 0) yield head
}
