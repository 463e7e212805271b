import type { Log } from './log.ts'
import { sleep } from './wait-until.ts'

/** A process that is up. */
export interface Running {
  /** Settles when it ends, for whatever reason, with words that say how. Never rejects. */
  readonly ended: Promise<string>
  /** Ends it and waits for that. Nothing to do when it has ended. */
  stop(): Promise<void>
}

export interface Kept<T extends Running> {
  /** The one that runs now; the last one while a new one is on its way. */
  current(): T
  /** Ends it for good. */
  stop(): Promise<void>
  /** Settles when it has ended for good. */
  readonly stopped: Promise<void>
}

export interface KeepRunningOptions<T extends Running> {
  /** For the log: `PostgreSQL`. */
  readonly name: string
  readonly log: Log
  readonly start: (signal: AbortSignal) => Promise<T>
  /** Aborted: stops it for good. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds before the n-th restart in a row. */
  readonly backOff?: (failures: number) => number
}

/** It ran well when it ran this long (ms): then the next end counts as the first. */
const SETTLED = 30_000
const doubling = (failures: number): number => Math.min(100 * 2 ** (failures - 1), 10_000)

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })

/** Starts something and starts it again, with back-off, whenever it ends by itself. Rejects when the first start fails. */
export const keepRunning = async <T extends Running>({ name, log, start, signal, backOff = doubling }: KeepRunningOptions<T>): Promise<Kept<T>> => {
  const stopping = new AbortController()
  const over = signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal])
  const asked = aborted(over)
  let current = await start(over)

  const startAgain = async (failures: number): Promise<number> => {
    for (let count = failures; ; count++) {
      await sleep(backOff(count), over)
      try {
        current = await start(over)
        log.info({}, `${name} is back`)
        return count
      } catch (error) {
        if (over.aborted) throw error
        log.error({ err: error, failures: count }, `${name} does not start again`)
      }
    }
  }

  const watch = async (): Promise<void> => {
    for (let failures = 0; ; ) {
      const began = performance.now()
      const end = await Promise.race([current.ended, asked])
      if (end === undefined || over.aborted) return
      failures = performance.now() - began > SETTLED ? 1 : failures + 1
      log.warn({ end, failures }, `${name} ended by itself; starting it again`)
      failures = await startAgain(failures)
    }
  }

  const stopped = watch()
    .catch(() => undefined) // only the abort ends it that way
    .then(() => current.stop())
    .catch((error: unknown) => log.error({ err: error }, `${name} did not stop cleanly`))
  return {
    current: () => current,
    stopped,
    stop: () => {
      stopping.abort(new Error(`${name} is stopping`))
      return stopped
    },
  }
}
