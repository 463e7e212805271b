/** A signal that follows a caller's and has a time limit of its own. */
export interface Deadline {
  readonly signal: AbortSignal
  /** The time limit was what ended it. */
  late(): boolean
  /** Takes the time limit away; the caller's signal still counts. */
  disarm(): void
  /** Lets go of timer and caller's signal. */
  clear(): void
}

/** Aborts with the caller's reason, or after `ms` with what `why` makes. */
export function deadline(caller: AbortSignal | undefined, ms: number, why: () => Error): Deadline {
  const controller = new AbortController()
  let isLate = false
  const follow = (): void => controller.abort(caller?.reason)
  if (caller?.aborted) follow()
  caller?.addEventListener('abort', follow, { once: true })
  const timer = setTimeout(() => {
    isLate = !controller.signal.aborted
    controller.abort(why())
  }, ms)
  const disarm = (): void => clearTimeout(timer)
  return {
    signal: controller.signal,
    late: () => isLate,
    disarm,
    clear() {
      disarm()
      caller?.removeEventListener('abort', follow)
    },
  }
}

/** The promise, or the signal's reason, whichever comes first: for work that takes no signal itself. */
export function raced<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
