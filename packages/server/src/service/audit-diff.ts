/** Fields whose values are the user's secret as likely as not. */
const HIDDEN = /secret|password|token|credential|key$/i
/** Names of secrets, not their values. */
const NAMES = /^(image_pull_)?secrets$/
/** Variables, whatever form they come in. */
const VARIABLES = /^envs?$/i
const NOT_SHOWN = '(not shown)'
/** Of a longer text, such as a function's source, only the beginning is kept. */
const MAX_TEXT = 1000

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of variables only the names stay: of a map, of a list of names and values, of a list of `NAME=value`. */
const namesOf = (variables: unknown): unknown => {
  if (isRecord(variables)) return Object.keys(variables)
  if (!Array.isArray(variables)) return NOT_SHOWN
  return variables.map((variable) =>
    isRecord(variable) ? variable['name'] : String(variable).includes('=') ? String(variable).replace(/=.*/s, '') : NOT_SHOWN,
  )
}

/** Without values that nobody should find in an audit log. */
const shown = (name: string, value: unknown): unknown => {
  if (VARIABLES.test(name)) return namesOf(value)
  if (HIDDEN.test(name) && !(NAMES.test(name) && Array.isArray(value))) return NOT_SHOWN
  if (typeof value === 'string' && value.length > MAX_TEXT) return `${value.slice(0, MAX_TEXT)}… (${value.length} characters)`
  if (Array.isArray(value)) return value.map((item) => shown('', item))
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(key, inner)])) : value
}

/** What a change changed: the fields that differ, as they were and as they are. */
export const auditDiff = (before: object, after: object): { readonly before: Record<string, unknown>; readonly after: Record<string, unknown> } => {
  const [old, made] = [before, after].map((value) => new Map<string, unknown>(Object.entries(value)))
  const names = [...new Set([...(old?.keys() ?? []), ...(made?.keys() ?? [])])].filter(
    (name) => JSON.stringify(old?.get(name)) !== JSON.stringify(made?.get(name)),
  )
  const side = (values: ReadonlyMap<string, unknown> | undefined) =>
    Object.fromEntries(names.flatMap((name) => (values?.has(name) ? [[name, shown(name, values.get(name))]] : [])))
  return { before: side(old), after: side(made) }
}

/** The names alone of what a change changed. */
export const changedNames = (before: object, after: object): readonly string[] => {
  const diff = auditDiff(before, after)
  return [...new Set([...Object.keys(diff.before), ...Object.keys(diff.after)])]
}
