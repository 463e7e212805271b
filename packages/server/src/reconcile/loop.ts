import { EngineTrouble } from '#domain/engine-trouble.ts'
import { createLanes, type Lane } from './lanes.ts'

/** Undefined: settled until woken. A number: look again after that many milliseconds. `when-idle`: as soon as no other key waits. */
export type Again = number | 'when-idle' | undefined

export interface LoopOptions {
  /** One pass over one key. Throwing means: back off and try again. */
  readonly reconcile: (key: string, failures: number) => Promise<Again>
  readonly onError: (key: string, error: unknown, failures: number) => void
  /** How many keys are worked on at once. */
  readonly concurrency: number
  /** Milliseconds to wait after the n-th failure in a row, where the failure itself asks for no more. */
  readonly backoff?: (failures: number) => number
}

/** Its longest pause, in ms. */
const LONGEST_MS = 30_000
const defaultBackoff = (failures: number): number => Math.min(LONGEST_MS, 250 * 2 ** failures) * (0.75 + Math.random() / 2)

/** What an engine asks for that cannot do it now, as far as the loop's own patience goes. */
const askedBy = (error: unknown): number => (error instanceof EngineTrouble ? Math.min(LONGEST_MS, error.retryAfterMs ?? 0) : 0)

/**
 * A keyed work queue. A key is never worked on twice at once; wakes meanwhile become one more pass; a failed key waits longer each
 * time, and a wake lets it try at once.
 */
export function createLoop({ reconcile, onError, concurrency, backoff = defaultBackoff }: LoopOptions) {
  const busy = new Map<string, Promise<void>>()
  const dirty = new Map<string, Lane>()
  const waiting = createLanes()
  const timers = new Map<string, NodeJS.Timeout>()
  const failures = new Map<string, number>()
  let closed = false

  const later = (key: string, ms: number): void => {
    clearTimeout(timers.get(key))
    timers.set(key, setTimeout(wake, ms, key, 'next'))
  }

  async function pass(key: string): Promise<void> {
    let again: Again
    try {
      again = await reconcile(key, failures.get(key) ?? 0)
      failures.delete(key)
    } catch (error) {
      const count = (failures.get(key) ?? 0) + 1
      failures.set(key, count)
      onError(key, error, count)
      again = Math.max(backoff(count), askedBy(error))
    }
    busy.delete(key)
    if (closed) return
    const woken = dirty.get(key)
    dirty.delete(key)
    if (woken !== undefined) waiting.put(key, woken)
    else if (again === 'when-idle') waiting.put(key, 'idle')
    else if (again !== undefined) later(key, again)
    drain()
  }

  function drain(): void {
    while (!closed && busy.size < concurrency) {
      // Room is kept for what may come.
      const key = waiting.take({ idle: busy.size < concurrency / 2 })
      if (key === undefined) return
      busy.set(key, pass(key))
    }
  }

  /** Asks for a pass over a key, now or as soon as there is room; in the lane `first`, before all that are not. */
  function wake(key: string, lane: Lane = 'next'): void {
    if (closed) return
    clearTimeout(timers.get(key))
    timers.delete(key)
    if (busy.has(key)) dirty.set(key, lane)
    else waiting.put(key, lane)
    drain()
  }

  return {
    wake,
    /** How many keys are being worked on or wait for it. */
    size: (): number => busy.size + waiting.size(),
    /** Begins nothing new and waits for what is under way. */
    async close(): Promise<void> {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
      waiting.clear()
      await Promise.allSettled(busy.values())
    },
  }
}
export type Loop = ReturnType<typeof createLoop>
