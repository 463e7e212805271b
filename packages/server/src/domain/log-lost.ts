/** The engine has the rest of a container's log no more, and never will: what it gave before is all that there is. */
export class LogLost extends Error {
  override readonly name = 'LogLost'
}

/** A log that ends where the engine has no more of it; `told` hears why. */
export async function* untilLost(log: AsyncIterable<Uint8Array>, told: (why: string) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* log
  } catch (error) {
    if (!(error instanceof LogLost)) throw error
    told(error.message)
  }
}
