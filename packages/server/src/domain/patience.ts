import { isKeyOf, VERDICT_CODES, type VerdictCode } from 'davit/contract'

/** How long a cause that may pass by itself is waited for before the attempt is an error, in ms. Those not named are waited for without end. */
const GIVE_UP_AFTER_MS = {
  'image-registry-unreachable': 10_000,
  'disk-full': 600_000,
} as const satisfies Partial<Record<VerdictCode, number>>

/** For how long a cause is waited for, in ms; infinite for those that are waited for without end. */
export const limitOf = (code: VerdictCode): number => (isKeyOf(GIVE_UP_AFTER_MS, code) ? GIVE_UP_AFTER_MS[code] : Number.POSITIVE_INFINITY)

/** Whether a cause is beyond waiting: it never passes by itself, or has stood for longer than we are patient. */
export const isHopeless = (code: VerdictCode, ageMs: number): boolean => !VERDICT_CODES[code].transient || ageMs > limitOf(code)

/** Milliseconds until the next try, or undefined: it is over. `ageMs` is how long the attempt has been tried; the wait doubles it. */
export const retryRefusedInMs = (code: VerdictCode, ageMs: number): number | undefined => {
  const left = limitOf(code) - ageMs
  return VERDICT_CODES[code].transient && left > 0 ? Math.min(30_000, Math.max(1000, ageMs), left + 1) : undefined
}
