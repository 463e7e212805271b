const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Equal as JSON: order of keys and fields without a value do not matter. */
export const sameValue = (a: unknown, b: unknown): boolean => {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => sameValue(item, b[index]))
  if (!isRecord(a) || !isRecord(b)) return (a ?? undefined) === (b ?? undefined)
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => sameValue(a[key], b[key]))
}

/** The server fills in empty maps and lists; they say as little as a field that is not there. */
const isNothing = (value: unknown): boolean => value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)

const WIRE_DEFAULTS: Readonly<Record<string, unknown>> = { local_execution: false }
const wanted = (spec: Readonly<Record<string, unknown>>): readonly string[] => Object.keys(spec).filter((key) => !isNothing(spec[key]))

/** Does a function's stored spec say what is wanted, no more and no less? */
export const sameSpec = (wantedSpec: Readonly<Record<string, unknown>>, stored: Readonly<Record<string, unknown>>): boolean =>
  [...new Set([...wanted(wantedSpec), ...wanted(stored)])].every((key) => sameValue(wantedSpec[key], stored[key]))

/** Does a run's sealed spec, into which its function and task were merged, hold all that is wanted? */
export const holdsSpec = (wantedSpec: Readonly<Record<string, unknown>>, sealed: Readonly<Record<string, unknown>>): boolean =>
  wanted(wantedSpec).every((key) => sameValue(wantedSpec[key], sealed[key] ?? WIRE_DEFAULTS[key]))
