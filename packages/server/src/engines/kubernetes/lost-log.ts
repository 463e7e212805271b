import { LogLost } from '#domain/log-lost.ts'

const WORDS = 'unable to retrieve container logs for '
const LOST = new RegExp(`^${WORDS}[a-z][a-z0-9.-]*://[0-9a-f]+\\s*$`)
/** Longer than these words with any runtime's name and id. */
const LONGEST = 200

const mayBeLost = (head: Buffer): boolean => head.length <= LONGEST && (head.toString().startsWith(WORDS) || WORDS.startsWith(head.toString()))

/**
 * The log of a container that has ended. When a node's runtime has cleaned the container away (an eviction), the kubelet answers with 200
 * and says so in place of the log: that is no output of anybody's. Throws LogLost then.
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
  if (LOST.test(head.toString())) throw new LogLost(`the node of pod ${pod} has cleaned its container away, and the log with it`)
  if (head.length > 0) yield head
}
