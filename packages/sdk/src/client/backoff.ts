const BASE_MS = 200
const MAX_MS = 5_000
/** A server that asks for more patience than this is told to the caller instead. */
export const MAX_RETRY_AFTER_MS = 30_000

/** Milliseconds before try `attempt + 1` (0: after the first failure): doubling, capped, and half of it random so that clients do not return in step. */
export const backoff = (attempt: number, random: () => number = Math.random): number =>
  Math.min(MAX_MS, BASE_MS * 2 ** Math.min(attempt, 10)) * (0.5 + random() / 2)

/** `Retry-After` in milliseconds from now: seconds or an HTTP date. Undefined: absent or unreadable. */
export const parseRetryAfter = (header: string | null, now: number): number | undefined => {
  if (header === null || header.trim() === '') return undefined
  const seconds = Number(header)
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
