import * as z from 'zod'

export interface UnknownField {
  /** As `spec.service_port`. */
  readonly path: string
  /** The known name that is most alike, where one is. */
  readonly nearest: string | undefined
}

/** Edits (insert, delete, replace, swap of neighbours) between two words. */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1), swapped))
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}

/** The word of `known` closest to `word`, if it is close enough to be a typo: a third of its length, at least 2 edits. */
export const nearestOf = (word: string, known: readonly string[]): string | undefined => {
  const [best] = known.map((candidate) => ({ candidate, edits: editDistance(word.toLowerCase(), candidate.toLowerCase()) })).sort((x, y) => x.edits - y.edits)
  return best && best.edits <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined
}

const unwrapped = (schema: z.core.$ZodType): z.core.$ZodType =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? unwrapped(schema.unwrap()) : schema

const shapeOf = (schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | undefined => (schema instanceof z.ZodObject ? schema.shape : undefined)

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Objects that are open by nature: whatever is in them is the user's. */
const OPEN = new Set(['metadata', 'affinity', 'extensions', 'config', 'status'])

/** Fields of `value` that `schema` does not name, looked for in nested objects and lists of objects too. */
export function unknownFields(given: z.core.$ZodType, value: unknown, path: readonly string[] = []): readonly UnknownField[] {
  const schema = unwrapped(given)
  if (schema instanceof z.ZodArray && Array.isArray(value)) return value.flatMap((item, index) => unknownFields(schema.element, item, [...path, String(index)]))
  const shape = shapeOf(schema)
  if (!shape || !isRecord(value) || Object.keys(shape).length === 0) return []
  return Object.entries(value).flatMap(([name, item]): readonly UnknownField[] => {
    const field = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (!field) return [{ path: [...path, name].join('.'), nearest: nearestOf(name, Object.keys(shape)) }]
    return OPEN.has(name) ? [] : unknownFields(field, item, [...path, name])
  })
}
