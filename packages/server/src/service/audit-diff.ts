/** Fields whose values are the user's secret as likely as not. */
const HIDDEN = /secret|password|token|credential|key$/i
const NOT_SHOWN = '(not shown)'

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Without values that nobody should find in an audit log: of variables only the names stay. */
const shown = (name: string, value: unknown): unknown => {
  if (name === 'envs' && Array.isArray(value)) return value.map((env) => (isRecord(env) ? env['name'] : NOT_SHOWN))
  if (HIDDEN.test(name) && !Array.isArray(value)) return NOT_SHOWN
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
