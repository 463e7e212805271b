/** Clocks that differ by less than this are the same: answers carry whole seconds, and take a while to come. */
const SAME_MS = 10_000

/**
 * How far the clock of a server is ahead of ours, from the dates of its answers. What it says stays, so that times do not flicker,
 * until the clocks have moved against each other.
 */
export const serverClock = (now: () => number) => {
  let ahead = 0
  return {
    /** `date`: the header of an answer that has just come. */
    heard(date: string | string[] | undefined): void {
      const measured = Date.parse(String(date)) - now()
      if (Math.abs(measured - ahead) > SAME_MS) ahead = measured
    },
    /** In ms; 0: it is the same, or not known yet. */
    aheadMs: (): number => ahead,
  }
}
