import { DavitError } from 'davit/contract'

/** Deeper than any real input; far from where the stack, or PostgreSQL, would give up. */
const MAX_DEPTH = 100

/**
 * Clients send null for "not set" (the reference leaves such fields out): here they are left out too, at every depth. Throws `invalid`
 * for what is nested deeper than 100 levels.
 */
export const withoutNulls = (value: unknown, depth = 0): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) throw new DavitError('invalid', `the body is nested deeper than ${MAX_DEPTH} levels`)
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth + 1))
  return Object.fromEntries(Object.entries(value).flatMap(([name, item]) => (item === null ? [] : [[name, withoutNulls(item, depth + 1)]])))
}
