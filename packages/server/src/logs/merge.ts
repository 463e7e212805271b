/** Values of several sources as they come; sources may be added while it runs. Ends when all have ended and `seal` was called. */
export const createMerge = <T>() => {
  const ready: T[] = []
  let open = 0
  let sealed = false
  let over = false
  let failure: { readonly error: unknown } | undefined
  let wake: () => void = () => undefined
  const held: (() => void)[] = []
  const pump = async (source: AsyncIterable<T>): Promise<void> => {
    try {
      for await (const value of source) {
        ready.push(value)
        wake()
        // Back-pressure: a source waits until what it gave was taken.
        while (ready.length > 8 && !over) await new Promise<void>((resolve) => held.push(resolve))
        if (over) return
      }
    } catch (error) {
      failure ??= { error }
    } finally {
      open -= 1
      wake()
    }
  }
  const release = (): void => {
    for (const resume of held.splice(0)) resume()
  }
  return {
    add(source: AsyncIterable<T>): void {
      open += 1
      void pump(source)
    },
    /** No source will be added any more. */
    seal(): void {
      sealed = true
      wake()
    },
    async *values(): AsyncGenerator<T> {
      try {
        for (;;) {
          const value = ready.shift()
          if (value !== undefined) {
            release()
            yield value
          } else if (failure) throw failure.error
          else if (sealed && open === 0) return
          else await new Promise<void>((resolve) => (wake = resolve))
        }
      } finally {
        // Nobody takes any more: sources that wait for that end too.
        over = true
        release()
      }
    },
  }
}
