/** Tells waiting clients that a run may have changed; they read it themselves. */
export const createChanges = () => {
  const waiting = new Map<string, Set<() => void>>()
  const tell = (id: string): void => {
    const callbacks = waiting.get(id)
    waiting.delete(id)
    for (const callback of callbacks ?? []) callback()
  }
  return {
    /** `undefined`: any may have changed (notifications were missed). */
    notify(id: string | undefined): void {
      if (id !== undefined) tell(id)
      else for (const each of waiting.keys()) tell(each)
    },
    /**
     * Begins to listen at once, so that a change between reading the row and waiting is not missed: take it before the read, then
     * await `next`. Settles at the next change, after `ms`, or when the signal fires; never rejects.
     */
    next(id: string, { ms, signal }: { ms: number; signal: AbortSignal }): Promise<void> {
      return new Promise((resolve) => {
        const callbacks = waiting.get(id) ?? new Set()
        waiting.set(id, callbacks)
        const done = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          callbacks.delete(done)
          if (callbacks.size === 0 && waiting.get(id) === callbacks) waiting.delete(id)
          resolve()
        }
        const timer = setTimeout(done, ms)
        signal.addEventListener('abort', done, { once: true })
        if (signal.aborted) done()
        else callbacks.add(done)
      })
    },
  }
}
export type Changes = ReturnType<typeof createChanges>
