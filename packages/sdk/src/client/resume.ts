import { DavitError, type ErrorCode } from '#contract/error.ts'
import { backoff } from './backoff.ts'
import { sleep } from './deadline.ts'

/** Failures that say nothing about what was asked for, so that asking again may do. */
const PASSING = new Set<ErrorCode>(['unreachable', 'unavailable', 'timeout', 'rate_limited', 'internal'])

const mayPass = (error: unknown): boolean => error instanceof DavitError && PASSING.has(error.code)

export interface Resumed<T> {
  /** Opens the stream where the last one left off; gives only what is new. */
  readonly open: () => AsyncIterable<T>
  /** Asked after a stream that ended in order: was that all? */
  readonly done: () => boolean | Promise<boolean>
  /** Tries before the first item; once the stream was seen to work there is no such end. */
  readonly retries: number
  readonly signal: AbortSignal | undefined
}

/** One stream out of as many connections as it takes. Ends when `done`, or with the error that says no, or the signal. */
export async function* resume<T>({ open, done, retries, signal }: Resumed<T>): AsyncGenerator<T, void> {
  let begun = false
  for (let failures = 0; ; failures++) {
    try {
      for await (const item of open()) {
        begun = true
        failures = 0
        yield item
      }
      if (await done()) return
    } catch (error) {
      if (!mayPass(error) || (!begun && failures >= retries)) throw error
    }
    await sleep(backoff(failures), signal)
  }
}
