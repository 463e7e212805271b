import { KubeError } from '../client/kube-error.ts'

const FIRST_MS = 200
/** An answer that is a no will hardly change soon; a server that was away is wanted back quickly, and asking it is cheap. */
const LONGEST_MS = { answered: 30_000, silent: 5_000 } as const

/**
 * How long to wait after the so-manieth failure in a row (from 1): doubling, jittered by half, never less than the server asks for.
 * @param random a number from 0 to 1
 */
export function pauseAfter(error: unknown, inARow: number, random: number): number {
  const answered = error instanceof KubeError
  const longest = answered ? LONGEST_MS.answered : LONGEST_MS.silent
  const ms = Math.min(FIRST_MS * 2 ** Math.min(inARow - 1, 20), longest) * (0.5 + random)
  return Math.max(ms, answered ? (error.retryAfterMs ?? 0) : 0)
}

/** Sleep that others can end: where one watch got through, all that wait for the same server try again. */
export function sleepers() {
  const asleep = new Set<() => void>()
  return {
    sleep: (ms: number, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer)
          asleep.delete(end)
          signal.removeEventListener('abort', end)
          resolve()
        }
        const timer = setTimeout(end, ms)
        asleep.add(end)
        signal.addEventListener('abort', end, { once: true })
        if (signal.aborted) end()
      }),
    wake(): void {
      for (const end of asleep) end()
    },
  }
}
export type Sleepers = ReturnType<typeof sleepers>
