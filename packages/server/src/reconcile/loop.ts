/** Undefined: settled until woken. A number: look again after that many milliseconds. `when-idle`: as soon as no other key waits. */
export type Again = number | 'when-idle' | undefined

export interface LoopOptions {
  /** One pass over one key. Throwing means: back off and try again. */
  readonly reconcile: (key: string, failures: number) => Promise<Again>
  readonly onError: (key: string, error: unknown, failures: number) => void
  /** How many keys are worked on at once. */
  readonly concurrency: number
  /** Milliseconds to wait after the n-th failure in a row. */
  readonly backoff?: (failures: number) => number
}

const defaultBackoff = (failures: number): number => Math.min(30_000, 250 * 2 ** failures) * (0.75 + Math.random() / 2)

/**
 * A keyed work queue. A key is never worked on twice at once; wakes meanwhile become one more pass; a failed key waits longer each
 * time, and a wake lets it try at once.
 */
export function createLoop({ reconcile, onError, concurrency, backoff = defaultBackoff }: LoopOptions) {
  const busy = new Map<string, Promise<void>>()
  const [dirty, queued, idle] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const timers = new Map<string, NodeJS.Timeout>()
  const failures = new Map<string, number>()
  let closed = false

  const later = (key: string, ms: number): void => {
    clearTimeout(timers.get(key))
    timers.set(key, setTimeout(wake, ms, key))
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
      again = backoff(count)
    }
    busy.delete(key)
    if (closed) return
    if (dirty.delete(key)) queued.add(key)
    else if (again === 'when-idle') idle.add(key)
    else if (again !== undefined) later(key, again)
    drain()
  }

  function begin(from: Set<string>, most: number): void {
    for (const key of from) {
      if (closed || busy.size >= most) return
      from.delete(key)
      busy.set(key, pass(key))
    }
  }
  function drain(): void {
    begin(queued, concurrency)
    if (queued.size === 0) begin(idle, Math.ceil(concurrency / 2)) // room is kept for what may come
  }

  /** Asks for a pass over a key, now or as soon as there is room. */
  function wake(key: string): void {
    if (closed) return
    clearTimeout(timers.get(key))
    timers.delete(key)
    idle.delete(key)
    if (busy.has(key)) dirty.add(key)
    else queued.add(key)
    drain()
  }

  return {
    wake,
    /** How many keys are being worked on or wait for it. */
    size: (): number => busy.size + queued.size + idle.size,
    /** Begins nothing new and waits for what is under way. */
    async close(): Promise<void> {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
      queued.clear()
      idle.clear()
      await Promise.allSettled(busy.values())
    },
  }
}
export type Loop = ReturnType<typeof createLoop>
