import type { Refusal } from '#domain/engine.ts'
import { startCode } from '#engines/engine-words.ts'
import { statusOf, wordsOf } from './client.ts'

/** May pass by itself: never a refusal, so it is thrown and asked again. */
const PASSING =
  /\btimeout\b|timed out|deadline exceeded|temporarily unavailable|try again|shutting down|connection (?:refused|reset)|cannot allocate memory|no such process|already in progress|is ambiguous|container name .* is already in use/i

/**
 * The definitive no in a failed create or start. Undefined: it was none (no answer, or one that may pass), so the caller throws it
 * on and asks again later.
 */
export function startRefusal(error: unknown): Refusal | undefined {
  const status = statusOf(error)
  if (status === undefined) return undefined
  const words = wordsOf(error)
  const code = startCode(words)
  if (code) return { code, evidence: [words] }
  if (PASSING.test(words) || status === 404 || status === 409) return undefined
  return status === 400 || /OCI runtime|runc|crun|invalid|unsupported|not supported/i.test(words) ? { code: 'config-refused', evidence: [words] } : undefined
}
