import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkloadRef } from '#domain/engine.ts'
import type { Cluster } from './cluster.ts'
import type { ContainerStatus, Pod } from './objects.ts'
import { objectPath } from './write.ts'

/** A node may be quiet for as long as the container is. What breaks the connection is seen by TCP, and by the pod's own end. */
const IDLE_MS = 24 * 3_600_000
const AGAIN_MS = { first: 200, most: 5000 } as const

export interface LogDeps {
  readonly cluster: Cluster
  /** The container's name in every pod template of ours. */
  readonly container: string
}

interface LogOptions {
  readonly follow: boolean
  readonly signal: AbortSignal
}

const containerOf = (pod: Pod | undefined): ContainerStatus | undefined => pod?.status?.containerStatuses?.[0]
const isOver = (pod: Pod | undefined): boolean => pod === undefined || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
/** How often its container was started. */
const lives = (pod: Pod | undefined): number => {
  const { state, lastState, restartCount = 0 } = containerOf(pod) ?? {}
  return state?.running || state?.terminated || lastState?.terminated ? restartCount + 1 : 0
}
/** Whether the node gives the log of the life before the newest: while a container waits for its next life, "previous" is the newest one. */
const hasPrevious = (pod: Pod): boolean => lives(pod) > 1 && containerOf(pod)?.state?.waiting === undefined
const isNo = (error: unknown): boolean => error instanceof Error && 'status' in error && (error.status === 400 || error.status === 404)

/**
 * A pod's log: of the life before the present one, where the node still has it, and of the present one. Followed, it goes on
 * through restarts and broken connections until the pod is over; what was given already is not given again.
 */
export function podLog({ cluster, container }: LogDeps) {
  const path = (pod: Pod): string => `${objectPath('Pod', pod.metadata.namespace ?? '', pod.metadata.name)}/log`

  async function* read(pod: Pod, query: { previous?: boolean; follow?: boolean }, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    yield* await cluster.client.stream({ method: 'GET', path: path(pod), query: { container, ...query }, signal, idleMs: IDLE_MS })
  }

  /** One life from a byte on. `given` counts what went out, also when the reading breaks. */
  async function* from(pod: Pod, query: { previous?: boolean; follow?: boolean }, { given, signal }: { given: { bytes: number }; signal: AbortSignal }): AsyncGenerator<Uint8Array> {
    let at = 0
    for await (const data of read(pod, query, signal)) {
      const skip = Math.min(data.length, Math.max(0, given.bytes - at))
      at += data.length
      if (skip === data.length) continue
      given.bytes += data.length - skip
      yield data.subarray(skip)
    }
  }

  async function* upToNow(pod: Pod, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      if (hasPrevious(pod)) yield* read(pod, { previous: true }, signal)
    } catch (error) {
      // The node has cleaned it away.
      if (!isNo(error)) throw error
    }
    yield* read(pod, {}, signal)
  }

  /** Settles at the next change of the run, or after a second. */
  async function change(runId: string, signal: AbortSignal): Promise<void> {
    const changed = Promise.withResolvers<void>()
    const quiet = cluster.cache.onChange((id) => {
      if (id === runId) changed.resolve()
    })
    await Promise.race([changed.promise, sleep(1000, undefined, { signal }).catch(() => undefined)])
    quiet()
  }

  async function* followed(current: () => Pod | undefined, { runId, signal }: { runId: string; signal: AbortSignal }): AsyncGenerator<Uint8Array> {
    const first = current()
    let life = first ? Math.max(0, lives(first) - (hasPrevious(first) ? 2 : 1)) : 0
    let given = { bytes: 0 }
    let wholeLife = false
    let wait: number = AGAIN_MS.first
    while (!signal.aborted) {
      const pod = current()
      if (!pod) return
      const newest = lives(pod)
      if ((wholeLife || life === 0) && life < newest) {
        life += 1
        given = { bytes: 0 }
        wholeLife = false
      }
      const over = isOver(pod)
      const hasEnded = life < newest || containerOf(pod)?.state?.running === undefined
      // Two lives on, or one while it waits for the next: the node does not give it any more.
      if (life < newest && !(life === newest - 1 && hasPrevious(pod))) wholeLife = true
      if (life > 0 && !wholeLife)
        try {
          yield* from(pod, life < newest ? { previous: true } : { follow: !hasEnded }, { given, signal })
          wholeLife = hasEnded
          wait = AGAIN_MS.first
        } catch (error) {
          if (signal.aborted) return
          // The node has cleaned it away.
          if (isNo(error) && hasEnded) wholeLife = true
          else await sleep(wait * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined)
          wait = Math.min(wait * 2, AGAIN_MS.most)
          continue
        }
      if (over && life >= newest && (wholeLife || life === 0)) return
      if (life >= newest || !wholeLife) await change(runId, signal)
    }
  }

  return async function* (ref: WorkloadRef, name: string, { follow, signal }: LogOptions): AsyncGenerator<Uint8Array> {
    cluster.cache.assertFresh()
    const current = (): Pod | undefined => cluster.cache.kept.pods.get(cluster.namespaceOf(ref.project), name)
    const pod = current()
    if (!pod) return
    if (follow) return yield* followed(current, { runId: ref.runId, signal })
    if (lives(pod) > 0) yield* upToNow(pod, signal)
  }
}
