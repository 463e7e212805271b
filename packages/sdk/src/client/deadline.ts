import { DavitError } from '#contract/error.ts'

export const aborted = (signal: AbortSignal | undefined): DavitError => new DavitError('aborted', 'the call was aborted', { cause: signal?.reason })

export interface Deadline {
  readonly signal: AbortSignal
  /** True when the time ran out; false when the caller aborted. */
  readonly expired: () => boolean
  /** Counts anew, from now. */
  readonly restart: (ms: number) => void
  readonly pause: () => void
  /** Ends the timer, lets go of the caller's signal and aborts what still runs. */
  readonly close: () => void
}

/** The caller's signal and a time limit as one signal. */
export const deadline = (caller: AbortSignal | undefined, ms: number): Deadline => {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let expired = false
  const give = () => controller.abort(caller?.reason)
  const pause = () => clearTimeout(timer)
  const restart = (again: number) => {
    pause()
    timer = setTimeout(() => {
      expired = true
      controller.abort()
    }, again)
  }
  if (caller?.aborted) give()
  caller?.addEventListener('abort', give, { once: true })
  restart(ms)
  const close = () => {
    pause()
    caller?.removeEventListener('abort', give)
    controller.abort()
  }
  return { signal: controller.signal, expired: () => expired, restart, pause, close }
}

/** Waits; throws `aborted` as soon as the signal says so. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(aborted(signal))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
