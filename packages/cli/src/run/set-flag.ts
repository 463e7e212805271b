import { functionParameters, nearestOf, runParameters } from 'davit/contract'
import { invalid } from '#runner/invalid.ts'

const KNOWN = [...Object.keys(functionParameters), ...Object.keys(runParameters)]

const asJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const put = (target: Readonly<Record<string, unknown>>, [key = '', ...rest]: readonly string[], value: unknown): Record<string, unknown> => {
  const inner = target[key]
  return { ...target, [key]: rest.length === 0 ? value : put(isRecord(inner) ? inner : {}, rest, value) }
}

/** `--set key=value`, `--set resources.cpu=500m`, as fields of the function's or the run's spec. Throws `invalid` with the nearest known key. */
export const parseSets = (sets: readonly string[]): Readonly<Record<string, unknown>> => {
  let fields: Readonly<Record<string, unknown>> = {}
  for (const set of sets) {
    const at = set.indexOf('=')
    if (at < 1) throw invalid(`--set takes key=value, not "${set}"`)
    const path = set.slice(0, at).split('.')
    const [key = ''] = path
    if (!KNOWN.includes(key)) {
      const nearest = nearestOf(key, KNOWN)
      throw invalid(`--set: unknown parameter "${key}"`, { path: key, hint: nearest ? `did you mean ${nearest}?` : `known: ${KNOWN.join(', ')}` })
    }
    fields = put(fields, path, asJson(set.slice(at + 1)))
  }
  return fields
}
