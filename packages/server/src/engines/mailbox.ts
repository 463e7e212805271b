/** A queue between callbacks and one loop. What already waits is not queued twice: a hint says only "look again". */
export const mailbox = <T>() => {
  const waiting = new Set<T>()
  let wake = (): void => undefined
  return {
    put: (value: T): void => {
      waiting.add(value)
      wake()
    },
    /** Yields what was put, in order, until the signal ends it. */
    async *take(signal: AbortSignal): AsyncGenerator<T> {
      const onAbort = (): void => wake()
      signal.addEventListener('abort', onAbort)
      try {
        while (!signal.aborted) {
          for (const value of waiting) {
            waiting.delete(value)
            yield value
            if (signal.aborted) return
          }
          const next = Promise.withResolvers<void>()
          wake = next.resolve
          if (waiting.size === 0 && !signal.aborted) await next.promise
        }
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
  }
}

/** Tells all who listen now. */
export const broadcast = <T>() => {
  const listeners = new Set<(value: T) => void>()
  return {
    send: (value: T): void => {
      for (const listener of listeners) listener(value)
    },
    listen: (listener: (value: T) => void): (() => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Runs what has the same key one after the other, in the order asked. */
export const oneAtATime = () => {
  const tails = new Map<string, Promise<unknown>>()
  return <T>(key: string, act: () => Promise<T>): Promise<T> => {
    const run = (tails.get(key) ?? Promise.resolve()).then(act, act)
    const tail = run
      .catch(() => undefined)
      .finally(() => {
        if (tails.get(key) === tail) tails.delete(key)
      })
    tails.set(key, tail)
    return run
  }
}
