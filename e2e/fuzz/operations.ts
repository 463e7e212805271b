import { openapiDocument } from 'davit/openapi'
import * as z from 'zod'

/** A JSON Schema, as far as our document uses it. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly propertyNames?: Schema
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: Schema
}

type Contents = Readonly<Record<string, { readonly schema: Schema }>>
interface Answer {
  readonly $ref?: string
  readonly content?: Contents
}

/** What the document says of one status: the type of its body, and what is wrong with a value of it. */
export interface Promised {
  readonly type: string
  readonly problem: (value: unknown) => string | undefined
}

export interface Operation {
  readonly id: string
  readonly method: string
  /** With `{name}` for each parameter. */
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly body: { readonly type: string; readonly schema: Schema } | undefined
  readonly streams: boolean
  /** It answers an upgrade to WebSocket. */
  readonly upgrades: boolean
  /** Who calls need not prove who they are. */
  readonly open: boolean
  /** What a status answers, in one type or another; undefined: nothing is said of it; none: it has no body. */
  readonly answer: (status: number) => readonly Promised[] | undefined
}

const document = openapiDocument({ version: '1.2.3' })
const components: Readonly<Record<string, Schema>> = document.components.schemas
const responses: Readonly<Record<string, Answer>> = document.components.responses

const lastOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1)

/** A schema without its reference. */
export const resolved = (schema: Schema): Schema => (schema.$ref === undefined ? schema : resolved(components[lastOf(schema.$ref)] ?? {}))

/** The document's own words, checked by zod's reading of JSON Schema. */
const asText = JSON.stringify(components).replaceAll('#/components/schemas/', '#/$defs/')
const judgeOf = (schema: Schema): Promised['problem'] => {
  const local = JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/')) as Record<string, unknown>
  const judge = z.fromJSONSchema({ ...local, $defs: JSON.parse(asText) as Record<string, never> })
  return (value) => {
    const { error } = judge.safeParse(value)
    return error && z.prettifyError(error)
  }
}

const promised = (answer: Answer): readonly Promised[] => {
  const { content = {} } = answer.$ref === undefined ? answer : (responses[lastOf(answer.$ref)] ?? {})
  return Object.entries(content).map(([type, { schema }]) => ({ type, problem: judgeOf(schema) }))
}

interface Described {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Contents }
  readonly security?: readonly object[]
  readonly responses: Readonly<Record<string, Answer>>
}

const operationOf = (path: string, method: string, described: Described): Operation => {
  const judges = new Map(Object.entries(described.responses).map(([status, answer]) => [status, promised(answer)]))
  const contents = described.requestBody?.content ?? {}
  const type = 'application/json' in contents ? 'application/json' : Object.keys(contents)[0]
  return {
    id: described.operationId,
    method: method.toUpperCase(),
    path,
    parameters: described.parameters ?? [],
    body: type === undefined ? undefined : { type, schema: contents[type]?.schema ?? {} },
    streams: Object.keys(described.responses['200']?.content ?? {}).includes('application/x-ndjson'),
    upgrades: '101' in described.responses,
    open: described.security?.length === 0,
    answer: (status) => judges.get(String(status)) ?? judges.get('default'),
  }
}

/** Every operation of our OpenAPI document: what is added to the contract is fuzzed too. */
export const operations: readonly Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => operationOf(path, method, described as unknown as Described)),
)

/** Every query parameter of the document, by name: what one endpoint takes is sent to its siblings too. */
export const queryParameters: ReadonlyMap<string, Parameter> = new Map(
  operations.flatMap(({ parameters }) => parameters.filter((one) => one.in === 'query').map((one) => [one.name, one] as const)),
)

const segments = (path: string): readonly string[] => path.split('/').slice(1)
const literals = (path: string): number => segments(path).filter((part) => !part.startsWith('{')).length

/** Which operation a request was for, by what was sent; undefined: none of ours. */
export const operationFor = (method: string, target: string): Operation | undefined => {
  const sent = segments(target.split(/[?#]/)[0] ?? '')
  const fits = ({ path, method: wanted }: Operation): boolean => {
    const parts = segments(path)
    return wanted === method && parts.length === sent.length && parts.every((part, at) => part.startsWith('{') || part === sent[at])
  }
  return operations.filter(fits).sort((a, b) => literals(b.path) - literals(a.path))[0]
}
