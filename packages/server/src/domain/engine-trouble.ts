/** A call to the engine failed: not evidence of anything but that. The run is looked at again later. */
export class EngineTrouble extends Error {
  override readonly name = 'EngineTrouble'
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/** Marks what the engine throws, so that it is never taken for trouble of the database or of our own. */
export const asking = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer
  } catch (error) {
    throw new EngineTrouble(error)
  }
}
