import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkloadRef } from '#domain/engine.ts'
import { LogLost, removedUnread } from '#domain/log-lost.ts'
import { isKubeError } from './client/kube-error.ts'
import type { Cluster } from './cluster.ts'
import { lifeLogs, type LogDeps } from './life-logs.ts'
import type { Pod } from './objects.ts'
import { statusOf } from './observe/pods.ts'
import { isOver } from './observe/seen.ts'

const AGAIN_MS = { first: 200, most: 5000 } as const

interface LogOptions {
  readonly follow: boolean
  readonly signal: AbortSignal
}

const runs = (pod: Pod): boolean => statusOf(pod)?.state?.running !== undefined
/** How often its container was started. */
const lives = (pod: Pod): number => {
  const { state, lastState, restartCount = 0 } = statusOf(pod) ?? {}
  return state?.running || state?.terminated || lastState?.terminated ? restartCount + 1 : 0
}
/** Whether the node gives the log of the life before the newest: while a container waits for its next life, "previous" is the newest one. */
const hasPrevious = (pod: Pod): boolean => lives(pod) > 1 && statusOf(pod)?.state?.waiting === undefined
/** The node has cleaned it away. */
const isGone = (error: unknown): boolean => error instanceof LogLost || isKubeError(error, 400) || isKubeError(error, 404)

/** Settles at the next change of the run, or after a second. */
async function change({ cache }: Cluster, runId: string, signal: AbortSignal): Promise<void> {
  const changed = Promise.withResolvers<void>()
  const quiet = cache.onChange((id) => {
    if (id === runId) changed.resolve()
  })
  await Promise.race([changed.promise, sleep(1000, undefined, { signal }).catch(() => undefined)])
  quiet()
}

/**
 * A pod's log: of the life before the present one, where the node still has it, and of the present one. Followed, it goes on
 * through restarts and broken connections until the pod is over; what was given already is not given again.
 */
export function podLog({ cluster, container }: LogDeps) {
  const { read, from } = lifeLogs({ cluster, container })

  async function* upToNow(pod: Pod, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      if (hasPrevious(pod)) yield* read(pod, { previous: true, ended: true }, signal)
    } catch (error) {
      if (!isGone(error)) throw error
    }
    yield* read(pod, { ended: !runs(pod) }, signal)
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
      const hasEnded = life < newest || !runs(pod)
      // Two lives on, or one while it waits for the next: the node does not give it any more.
      if (life < newest && !(life === newest - 1 && hasPrevious(pod))) wholeLife = true
      if (life > 0 && !wholeLife)
        try {
          yield* from(pod, life < newest ? { previous: true, ended: true } : { follow: !hasEnded, ended: hasEnded }, { given, signal })
          wholeLife = hasEnded
          wait = AGAIN_MS.first
        } catch (error) {
          if (signal.aborted) return
          if (isGone(error) && hasEnded) wholeLife = true
          else await sleep(wait * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined)
          wait = Math.min(wait * 2, AGAIN_MS.most)
          continue
        }
      if (over && life >= newest && (wholeLife || life === 0)) return
      if (life >= newest || !wholeLife) await change(cluster, runId, signal)
    }
  }

  return async function* (ref: WorkloadRef, name: string, { follow, signal }: LogOptions): AsyncGenerator<Uint8Array> {
    cluster.cache.assertFresh()
    const current = (): Pod | undefined => cluster.cache.kept.pods.get(cluster.namespaceOf(ref.project), name)
    const pod = current()
    if (!pod) {
      if (follow) return
      throw removedUnread(name)
    }
    if (follow) return yield* followed(current, { runId: ref.runId, signal })
    if (lives(pod) > 0) yield* upToNow(pod, signal)
  }
}
