import type { Lease, LeaseRepo } from '#store/leases.ts'

export interface Held extends Lease {
  /**
   * Fires when the lease was lost, or may have been: nothing more may be asked of the engine under it. Its `throwIfAborted` is `assert`, so that
   * what an engine asks of it before each write looks at the clock too.
   */
  readonly signal: AbortSignal
  /** Throws if it has fired, or should have: a process that was stopped for a while goes on before its timers do. */
  assert(): void
}

/** When the sweep looks again at a run whose pass failed, in ms: as long as the loop's longest pause. */
const FAILED_LOOK_MS = 30_000

/** The time until which a lease is surely ours. It counts from before it was asked for, by a clock that nobody sets. */
function term(id: string, ttlMs: number, asked: number) {
  const lost = new AbortController()
  const ranOut = (): void => lost.abort(new Error(`the lease on run ${id} ran out`))
  let deadline = 0
  let timer: NodeJS.Timeout | undefined
  const extend = (from: number): void => {
    clearTimeout(timer)
    deadline = from + ttlMs
    timer = setTimeout(ranOut, deadline - performance.now())
  }
  extend(asked)
  return {
    signal: lost.signal,
    extend,
    isOver: (): boolean => performance.now() > deadline,
    takenOver: (): void => lost.abort(new Error(`another server took over run ${id}`)),
    ranOut,
    clear: (): void => clearTimeout(timer),
  }
}

/**
 * Works on a run under a lease that is extended while the work lasts. Undefined: somebody else has it. The lease ends with the
 * work; `work` says when the sweep should look again, undefined where it has given the lease back itself.
 */
export async function holding<T extends { readonly lookInMs: number | undefined }>(
  id: string,
  { leases, ttlMs, stop }: { leases: LeaseRepo; ttlMs: number; stop: AbortSignal },
  work: (held: Held) => Promise<T>,
): Promise<T | undefined> {
  const asked = performance.now()
  const lease = await leases.acquire(id)
  if (!lease) return undefined
  const ours = term(id, ttlMs, asked)
  const beat = setInterval(() => {
    const from = performance.now()
    leases.extend(id, lease.token).then(
      (kept) => (kept ? ours.extend(from) : ours.takenOver()),
      () => undefined, // the database is away: the deadline decides
    )
  }, ttlMs / 3)
  const signal = AbortSignal.any([ours.signal, stop])
  const assert = (): void => {
    if (ours.isOver()) ours.ranOut()
    AbortSignal.prototype.throwIfAborted.call(signal)
  }
  Object.defineProperty(signal, 'throwIfAborted', { value: assert })
  // Failed work: the loop tries again sooner, with its own pauses; the sweep must not cut those short. A server that ends leaves it to the next at once.
  let lookInMs: number | undefined = FAILED_LOOK_MS
  try {
    const result = await work({ ...lease, signal, assert })
    lookInMs = result.lookInMs
    return result
  } finally {
    clearInterval(beat)
    ours.clear()
    if (lookInMs !== undefined) await leases.release(id, lease.token, stop.aborted ? 0 : lookInMs).catch(() => undefined) // it runs out by itself
  }
}
