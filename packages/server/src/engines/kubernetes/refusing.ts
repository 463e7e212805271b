import { DavitError } from 'davit/contract'
import { EngineRefusal } from '#domain/engine-trouble.ts'
import { isKubeError } from './client/kube-error.ts'
import { refusalOf } from './client/refusal.ts'

/** An error of a call in the words of the core, where the API server answered that Davit may not. A watch that may not be is behind its own error. */
function told(error: unknown): unknown {
  const answer = error instanceof DavitError ? error.cause : error
  const refusal = isKubeError(answer, 403) ? refusalOf(answer) : undefined
  return refusal ? new EngineRefusal(refusal, { cause: error }) : error
}

/** A verb that tells a refusal from a cluster that does not answer. */
export const refusing =
  <Args extends readonly unknown[], T>(verb: (...args: Args) => Promise<T>) =>
  async (...args: Args): Promise<T> => {
    try {
      return await verb(...args)
    } catch (error) {
      throw told(error)
    }
  }

/** The same for what is read piece by piece. */
export const refusingStream = <Args extends readonly unknown[], T>(verb: (...args: Args) => AsyncIterable<T>) =>
  async function* (...args: Args): AsyncGenerator<T> {
    try {
      yield* verb(...args)
    } catch (error) {
      throw told(error)
    }
  }
