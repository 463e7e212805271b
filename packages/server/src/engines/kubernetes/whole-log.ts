import { DavitError } from 'davit/contract'

/** As much of a log's end is compared as five lines hold, of which a node keeps none longer than 16 KiB in one piece. */
const END_BYTES = 80 * 1024
export const END_LINES = 5
/** A log that is shorter and came quicker is one answer of the node: nothing can have come between. */
const SMALL_BYTES = 1024
const QUICK_MS = 50

export interface WholeLogDeps {
  /** The log from its first byte. */
  readonly read: () => AsyncIterable<Uint8Array>
  /** Its last lines, asked for anew. */
  readonly readEnd: () => AsyncIterable<Uint8Array>
  /** Whose log it is, for messages. */
  readonly pod: string
  /** How long the log was when it last did not end as its node says: twice the same is how it is. */
  readonly doubted: Map<string, number>
}

const kept = (end: Buffer, data: Uint8Array): Buffer =>
  data.length >= END_BYTES ? Buffer.from(data.subarray(-END_BYTES)) : Buffer.concat([end, data]).subarray(-END_BYTES)

async function endsWith(end: Buffer, readEnd: WholeLogDeps['readEnd']): Promise<boolean> {
  let last: Buffer = Buffer.alloc(0)
  for await (const data of readEnd()) last = kept(last, data)
  return end.length === 0 ? last.length === 0 : last.length > 0 && end.subarray(-last.length).equals(last)
}

/**
 * The log of a container that has ended. When a node dies or is cut off in the middle of it, the API server ends its own answer as
 * if that were all, so what came is compared with what the node says the end is. Throws `unavailable` when that differs: read it again.
 */
export async function* wholeLog({ read, readEnd, pod, doubted }: WholeLogDeps): AsyncGenerator<Uint8Array> {
  const began = performance.now()
  let bytes = 0
  let end: Buffer = Buffer.alloc(0)
  for await (const data of read()) {
    bytes += data.length
    end = kept(end, data)
    yield data
  }
  if (bytes <= SMALL_BYTES && performance.now() - began <= QUICK_MS) return
  const known = doubted.get(pod)
  doubted.delete(pod)
  if ((await endsWith(end, readEnd)) || known === bytes) return
  doubted.set(pod, bytes)
  throw new DavitError('unavailable', `The log of pod ${pod} broke off after ${bytes} bytes.`, { hint: 'It is read again.' })
}
