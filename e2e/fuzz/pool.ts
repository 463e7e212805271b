import type { Operation } from './operations.ts'

/** Stands for a value that the server gave for a field of this name: which one is known when the request is sent. */
class Known {
  readonly field: string
  readonly nth: number
  constructor(field: string, nth: number) {
    this.field = field
    this.nth = nth
  }
  /** How fast-check shows it. */
  toString(): string {
    return `Known(${this.field}, ${this.nth})`
  }
}
export const known = (field: string, nth: number): Known => new Known(field, nth)

const KEPT = 30
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The last path segment that is no parameter: what the path's entities are called. */
const collectionOf = (path: string): string => {
  const parts = path.split('/')
  const lastParameter = parts.findLastIndex((part) => part.startsWith('{') && part !== '{action}')
  const before = parts.slice(0, lastParameter > 0 && parts.length - lastParameter < 4 ? lastParameter : undefined)
  return before.findLast((part) => !part.startsWith('{')) ?? ''
}

/** What answers taught: the values seen for each field, and the entities of each collection with the parameters of their path. */
export const createPool = () => {
  const values = new Map<string, string[]>()
  const entities = new Map<string, Readonly<Record<string, string>>[]>()
  const keep = <T>(map: Map<string, T[]>, key: string, value: T): void => {
    const kept = (map.get(key) ?? []).filter((one) => JSON.stringify(one) !== JSON.stringify(value))
    map.set(key, [...kept, value].slice(-KEPT))
  }
  const nth = <T>(list: readonly T[] | undefined, n: number): T | undefined => list?.[list.length - 1 - (n % list.length)]
  const learn = (value: unknown, depth = 0): void => {
    if (depth > 5) return
    if (Array.isArray(value)) for (const item of value.slice(0, 3)) learn(item, depth + 1)
    else if (isRecord(value))
      for (const [field, inner] of Object.entries(value))
        if (typeof inner === 'string' && inner.length < 200) keep(values, field, inner)
        else learn(inner, depth + 1)
  }
  const resolve = (value: unknown): unknown => {
    if (value instanceof Known) return nth(values.get(value.field), value.nth) ?? `no-${value.field}`
    if (Array.isArray(value)) return value.map(resolve)
    return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)])) : value
  }
  return {
    /** Remembers what a successful answer held. */
    learn(operation: Operation, params: Readonly<Record<string, string>>, answer: unknown): void {
      for (const [name, value] of Object.entries(params)) keep(values, name, value)
      learn(answer)
      const rows = isRecord(answer) && Array.isArray(answer['content']) ? answer['content'].slice(0, 5) : [answer]
      for (const row of rows)
        if (isRecord(row) && typeof row['id'] === 'string')
          keep(entities, collectionOf(operation.path), { ...params, id: row['id'], name: typeof row['name'] === 'string' ? row['name'] : row['id'] })
    },
    /** Puts real values where placeholders stand. */
    resolve,
    /** The parameters of a known entity of the path's collection; newest first. */
    entity: (path: string, n: number): Readonly<Record<string, string>> => nth(entities.get(collectionOf(path)), n) ?? {},
    value: (field: string, n: number): string | undefined => nth(values.get(field), n),
  }
}
export type Pool = ReturnType<typeof createPool>
