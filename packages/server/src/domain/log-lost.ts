/** The engine has the rest of a container's log no more, and never will: what it gave before is all that there is. */
export class LogLost extends Error {
  override readonly name = 'LogLost'
}

/** A container that is not there any more, though its log was not read yet. */
export const removedUnread = (container: string): LogLost => new LogLost(`${container} was replaced or removed before its log was stored`)

/** A log that ends where the engine has no more of it; `told` hears why. */
export async function* untilLost(log: AsyncIterable<Uint8Array>, told: (why: string) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* log
  } catch (error) {
    if (!(error instanceof LogLost)) throw error
    told(error.message)
  }
}
