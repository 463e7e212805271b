import * as z from 'zod'

/** A JSON Schema as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>
type Side = 'input' | 'output'
type Named = Readonly<Record<string, JsonSchema>>

const LOCAL = '#/$defs/'
const SHARED = '#/components/schemas/'

const SAFE = Number.MAX_SAFE_INTEGER
/** Bounds that only say "JavaScript's integers", and keys that OpenAPI has no use for. */
const isNoise = (key: string, value: unknown): boolean =>
  key === '$schema' || key === '$id' || key === 'id' || (key === 'minimum' && value === -SAFE) || (key === 'maximum' && value === SAFE)

const isSchema = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A deep copy of a schema with references renamed and noise left out. Names of properties are data, and stay whatever they are. */
const cleaned = (value: unknown, rename: (id: string) => string, namesAreData = false): unknown => {
  if (Array.isArray(value)) return value.map((item) => cleaned(item, rename))
  if (!isSchema(value)) return value
  const kept = Object.entries(value).filter(([key, inner]) => namesAreData || !isNoise(key, inner))
  return Object.fromEntries(
    kept.map(([key, inner]) => {
      if (key === '$ref' && typeof inner === 'string' && !namesAreData) return [key, SHARED + rename(inner.slice(LOCAL.length))]
      return [key, cleaned(inner, rename, key === 'properties' && !namesAreData)]
    }),
  )
}

const rewritten = (schema: unknown, rename: (id: string) => string): JsonSchema => {
  const result = cleaned(schema, rename)
  return isSchema(result) ? result : {}
}

const orNull = (schema: unknown): unknown => (isSchema(schema) && Object.keys(schema).length === 0 ? schema : { anyOf: [schema, { type: 'null' }] })

/** What a request may leave out it may also send as null: the server reads both alike, at every depth. */
const nullable = (value: unknown, namesAreData = false): unknown => {
  if (Array.isArray(value)) return value.map((item) => nullable(item))
  if (!isSchema(value)) return value
  const inner = Object.fromEntries(Object.entries(value).map(([key, of]) => [key, nullable(of, key === 'properties' && !namesAreData)]))
  if (namesAreData) return inner
  const { properties, required, additionalProperties } = inner
  const needed = new Set(Array.isArray(required) ? required : [])
  return {
    ...inner,
    ...(isSchema(properties) && { properties: Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, needed.has(name) ? of : orNull(of)])) }),
    ...(isSchema(additionalProperties) && { additionalProperties: orNull(additionalProperties) }),
  }
}

const same = (id: string): string => id

interface Parts {
  readonly root: unknown
  readonly named: Readonly<Record<string, unknown>>
}

/** zod's JSON Schema of a schema. Inside an array, so that a schema with an id becomes a reference too. */
const partsOf = (schema: z.ZodType, io: Side): Parts => {
  const { items, $defs = {} } = z.toJSONSchema(z.array(schema), { io, unrepresentable: 'any' })
  if (io === 'output') return { root: items, named: $defs }
  return { root: nullable(items), named: Object.fromEntries(Object.entries($defs).map(([id, of]) => [id, nullable(of)])) }
}

const allNamed = (schemas: readonly z.ZodType[], io: Side): Record<string, unknown> =>
  Object.assign({}, ...schemas.map((schema) => partsOf(schema, io).named)) as Record<string, unknown>

const refersTo = (schema: unknown, ids: ReadonlySet<string>): boolean => {
  const found: string[] = []
  cleaned(schema, (id) => (found.push(id), id))
  return found.some((id) => ids.has(id))
}

/** Ids whose request form is not their answer form (a default makes a field optional on the way in), themselves or in what they refer to. */
const differing = (inputs: Readonly<Record<string, unknown>>, outputs: Readonly<Record<string, unknown>>): ReadonlySet<string> => {
  const shared = Object.keys(inputs).filter((id) => id in outputs)
  const differ = new Set(shared.filter((id) => JSON.stringify(inputs[id]) !== JSON.stringify(outputs[id])))
  for (let size = -1; size !== differ.size; ) {
    size = differ.size
    for (const id of shared) if (refersTo(inputs[id], differ)) differ.add(id)
  }
  return differ
}

export interface SchemaBook {
  /** The schema of a request's body or parameter, with references into the components. */
  request(schema: z.ZodType): JsonSchema
  /** The schema of an answer. */
  answer(schema: z.ZodType): JsonSchema
  /** Every schema with an id, by name; `<id>Input` where a request takes another form than an answer has. */
  readonly components: Named
}

/** Turns the schemas of an API into OpenAPI components: only what is reachable from the given requests and answers. */
export const schemaBook = (requests: readonly z.ZodType[], answers: readonly z.ZodType[]): SchemaBook => {
  const inputs = allNamed(requests, 'input')
  const outputs = allNamed(answers, 'output')
  const differ = differing(inputs, outputs)
  const inputName = (id: string): string => (differ.has(id) ? `${id}Input` : id)
  const named = {
    ...Object.fromEntries(Object.entries(inputs).map(([id, schema]) => [inputName(id), rewritten(schema, inputName)])),
    ...Object.fromEntries(Object.entries(outputs).map(([id, schema]) => [id, rewritten(schema, same)])),
  }
  const components = Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    request: (schema) => rewritten(partsOf(schema, 'input').root, inputName),
    answer: (schema) => rewritten(partsOf(schema, 'output').root, same),
    components,
  }
}
