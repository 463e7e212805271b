import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds; rejects with the signal's reason when aborted. */
export const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
  signal?.throwIfAborted()
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    throw signal?.aborted === true ? signal.reason : error
  })
}

export interface WaitOptions {
  /** Milliseconds between two looks. Default 10. */
  readonly every?: number
  /** Milliseconds until it gives up. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/** Looks until `check` answers something truthy and returns that; undefined when the time is over. Looks at least once. */
export const waitUntil = async <T>(check: () => T | Promise<T>, { every = 10, timeout, signal }: WaitOptions): Promise<T | undefined> => {
  const end = performance.now() + timeout
  for (;;) {
    const found = await check()
    if (found) return found
    if (performance.now() >= end) return undefined
    await sleep(every, signal)
  }
}
