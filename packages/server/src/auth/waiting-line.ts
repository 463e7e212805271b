export interface LineOptions {
  /** How much goes on at once. */
  readonly atOnce: number
  /** How much may wait for that. */
  readonly waiting: number
  /** What whoever comes then is told. */
  readonly full: () => Error
}

/** Work that is dear: so much of it at once, in the order it came. */
export const waitingLine = ({ atOnce, waiting, full }: LineOptions) => {
  let going = 0
  const line: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (going < atOnce) going++
    else if (line.length >= waiting) throw full()
    else await new Promise<void>((resolve) => line.push(resolve))
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next) next()
      else going--
    }
  }
}
