import { DavitError } from 'davit/contract'

export interface Interrupts {
  readonly signal: AbortSignal
  /** What Ctrl-C was pressed for: the first detaches, the second ends the process at once. */
  readonly interrupted: () => boolean
  [Symbol.dispose](): void
}

interface Process {
  on(event: 'SIGINT', listener: () => void): unknown
  off(event: 'SIGINT', listener: () => void): unknown
  exit(code: number): unknown
}

/** A signal that ends with the first Ctrl-C, or after `timeoutMs`. The reason is a DavitError, so that it becomes an exit code like any other. */
export const interrupts = (process: Process, timeoutMs: number | undefined): Interrupts => {
  const controller = new AbortController()
  let count = 0
  const onInterrupt = (): void => {
    count++
    if (count > 1) process.exit(130)
    controller.abort(new DavitError('aborted', 'interrupted'))
  }
  process.on('SIGINT', onInterrupt)
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => controller.abort(new DavitError('timeout', `gave up after ${timeoutMs / 1000} s`)), timeoutMs)
  timer?.unref()
  return {
    signal: controller.signal,
    interrupted: () => count > 0,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      process.off('SIGINT', onInterrupt)
    },
  }
}
