/** Wall clock of some work, in milliseconds. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** The middle value; the mean of both middle ones of an even number. NaN of none. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}

/** The value below which so many of 100 lie. NaN of none. */
export const percentile = (values: readonly number[], of: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor((values.length * of) / 100))] ?? Number.NaN

/** The value below which 95 of 100 lie. */
export const p95 = (values: readonly number[]): number => percentile(values, 95)

/**
 * Times two things in turns, so that whatever else the machine does hits both alike; who goes first alternates. The first of each
 * is a warm-up and does not count.
 */
export const interleaved = async (rounds: number, ours: () => Promise<unknown>, raw: () => Promise<unknown>): Promise<{ ours: number[]; raw: number[] }> => {
  const times = { ours: [] as number[], raw: [] as number[] }
  for (let round = -1; round < rounds; round++) {
    const measured = { ours: 0, raw: 0 }
    for (const who of round % 2 === 0 ? (['ours', 'raw'] as const) : (['raw', 'ours'] as const)) measured[who] = await timed(who === 'ours' ? ours : raw)
    if (round < 0) continue
    times.ours.push(measured.ours)
    times.raw.push(measured.raw)
  }
  return times
}

/** `workers` loops that each take the next of `count` pieces of work when they have done theirs. */
export const inParallel = async (workers: number, count: number, work: (index: number) => Promise<unknown>): Promise<void> => {
  let next = 0
  const loop = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: workers }, loop))
}
