import type { Cluster } from './cluster.ts'
import { unlessLost } from './lost-log.ts'
import type { Pod } from './objects.ts'
import { END_LINES, wholeLog } from './whole-log.ts'
import { objectPath } from './write.ts'

/**
 * Followed, a node may be quiet for as long as the container is: what breaks the connection is seen by TCP, and by the pod's own end.
 * What is there already comes at once, or is asked for again.
 */
const IDLE_MS = { followed: 24 * 3_600_000, there: 30_000 } as const

export interface LogDeps {
  readonly cluster: Cluster
  /** The container's name in every pod template of ours. */
  readonly container: string
}

/** Which life of a container, and how it is read. */
export interface Life {
  readonly previous?: boolean
  readonly follow?: boolean
  /** It is over, so that its log can be known to be whole. */
  readonly ended: boolean
}

interface Query extends Omit<Life, 'ended'> {
  readonly tailLines?: number
}

/** Reads the log of one life of a pod's container from its node. */
export function lifeLogs({ cluster, container }: LogDeps) {
  const doubted = new Map<string, number>()

  async function* raw({ metadata }: Pod, query: Query, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const path = `${objectPath('Pod', metadata.namespace ?? '', metadata.name)}/log`
    yield* await cluster.client.stream({ method: 'GET', path, query: { container, ...query }, signal, idleMs: query.follow ? IDLE_MS.followed : IDLE_MS.there })
  }

  const read = (pod: Pod, { ended, ...query }: Life, signal: AbortSignal): AsyncIterable<Uint8Array> => {
    const all = () => raw(pod, query, signal)
    if (!ended || query.follow) return all()
    return wholeLog({
      read: () => unlessLost(all(), pod.metadata.name),
      readEnd: () => raw(pod, { ...query, tailLines: END_LINES }, signal),
      pod: pod.metadata.name,
      doubted,
    })
  }

  /** From a byte on. `given` counts what went out, also when the reading breaks. */
  async function* from(pod: Pod, life: Life, { given, signal }: { given: { bytes: number }; signal: AbortSignal }): AsyncGenerator<Uint8Array> {
    let at = 0
    for await (const data of read(pod, life, signal)) {
      const skip = Math.min(data.length, Math.max(0, given.bytes - at))
      at += data.length
      if (skip === data.length) continue
      given.bytes += data.length - skip
      yield data.subarray(skip)
    }
  }
  return { read, from }
}
