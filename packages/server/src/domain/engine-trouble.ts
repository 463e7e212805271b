import type { Refusal } from './engine.ts'

/** The engine answered, and said no to what has to be done all the same: it is tried again, and the run tells what it said. */
export class EngineRefusal extends Error {
  override readonly name = 'EngineRefusal'
  readonly refusal: Refusal

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.evidence.join('; '), options)
    this.refusal = refusal
  }
}

/** A call to the engine failed: not evidence of anything but that. The run is looked at again later. */
export class EngineTrouble extends Error {
  override readonly name = 'EngineTrouble'
  /** How the run tells of it. */
  readonly told: Refusal
  /** How long the engine asks to be left alone, in ms. */
  readonly retryAfterMs: number | undefined

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.told = cause instanceof EngineRefusal ? cause.refusal : { code: 'engine-unreachable', evidence: [this.message] }
    this.retryAfterMs = cause instanceof Error && 'retryAfterMs' in cause && typeof cause.retryAfterMs === 'number' ? cause.retryAfterMs : undefined
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
