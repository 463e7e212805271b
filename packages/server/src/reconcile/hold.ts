import type { Lease, LeaseRepo } from '#store/leases.ts'

export interface Held extends Lease {
  /** Fires when the lease was lost, or may have been: nothing more may be asked of the engine under it. */
  readonly signal: AbortSignal
}

/** When the sweep looks again at a run whose pass failed, in ms: as long as the loop's longest pause. */
const FAILED_LOOK_MS = 30_000

/**
 * Works on a run under a lease that is extended while the work lasts. Undefined: somebody else has it. The lease ends with the
 * work; `work` says when the sweep should look again, undefined where it has given the lease back itself.
 */
export async function holding<T extends { readonly lookInMs: number | undefined }>(
  id: string,
  { leases, ttlMs, stop }: { leases: LeaseRepo; ttlMs: number; stop: AbortSignal },
  work: (held: Held) => Promise<T>,
): Promise<T | undefined> {
  const lease = await leases.acquire(id)
  if (!lease) return undefined
  const lost = new AbortController()
  let deadline = Date.now() + ttlMs
  const beat = setInterval(() => {
    if (Date.now() > deadline) lost.abort(new Error(`the lease on run ${id} ran out`))
    const asked = Date.now()
    leases.extend(id, lease.token).then(
      (kept) => (kept ? (deadline = asked + ttlMs) : lost.abort(new Error(`another server took over run ${id}`))),
      () => undefined, // the database is away: the deadline decides
    )
  }, ttlMs / 3)
  // Failed work: the loop tries again sooner, with its own pauses; the sweep must not cut those short. A server that ends leaves it to the next at once.
  let lookInMs: number | undefined = FAILED_LOOK_MS
  try {
    const result = await work({ ...lease, signal: AbortSignal.any([lost.signal, stop]) })
    lookInMs = result.lookInMs
    return result
  } finally {
    clearInterval(beat)
    if (lookInMs !== undefined) await leases.release(id, lease.token, stop.aborted ? 0 : lookInMs).catch(() => undefined) // it runs out by itself
  }
}
