/** One line of the result. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: 'ms' | 's' | '×' | '/s' | 'MB' | '%'
  /** What we want it to be, where we have said so. */
  readonly goal?: string
  /** What it is made of: medians, percentiles, rounds. */
  readonly note?: string
}

export interface BenchContext {
  readonly signal: AbortSignal
  /** An empty folder that is removed afterwards. */
  readonly folder: string
  say(line: string): void
}

/** Measures something and gives its figures. Cleans up what it started. */
export type Bench = (context: BenchContext) => Promise<readonly Figure[]>
