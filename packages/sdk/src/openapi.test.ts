import { expect, test } from 'vitest'
import { api, outerApi } from './contract/index.ts'
import { openapiDocument } from './openapi.ts'

const document = openapiDocument({ version: '1.2.3' })
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)
const operation = (id: string) => operations.find(({ operation: { operationId } }) => operationId === id)?.operation

const responses = (id: string): Readonly<Record<string, unknown>> => operation(id)?.responses ?? {}

const valuesOf = (key: string, value: unknown): unknown[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...valuesOf(key, inner)])
}
const resolve = (ref: string): unknown =>
  ref
    .slice(2)
    .split('/')
    .reduce<unknown>((value, name) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined), document)

test('every endpoint of the contract is one operation', () => {
  const groups: Record<string, Record<string, object>> = { ...api, ...outerApi }
  const ids = Object.entries(groups).flatMap(([tag, group]) => Object.keys(group).map((name) => `${tag}.${name}`))
  expect(operations.map(({ operation: { operationId } }) => operationId).sort()).toEqual(ids.sort())
})

test('every reference leads somewhere, and every component is referred to', () => {
  const refs = valuesOf('$ref', document).map(String)
  expect(refs.filter((ref) => resolve(ref) === undefined)).toEqual([])
  const unused = Object.keys(document.components.schemas).filter((name) => !refs.includes(`#/components/schemas/${name}`))
  expect(unused).toEqual([])
})

test('every parameter in a path is declared as required', () => {
  for (const {
    path,
    operation: { parameters },
  } of operations) {
    const declared = (parameters || []).filter((parameter) => parameter.in === 'path' && parameter.required).map(({ name }) => name)
    expect(declared).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
    expect(path).not.toContain(':')
  }
})

test('every parameter has a description', () => {
  const silent = operations.flatMap(({ operation: { operationId, parameters } }) =>
    (parameters || []).filter(({ description }) => !description).map(({ name }) => `${operationId} ${name}`),
  )
  expect(silent).toEqual([])
})

test('query parameters carry their type, bounds and default', () => {
  const parameter = (id: string, name: string) => (operation(id)?.parameters || []).find((one) => one.name === name)
  expect(parameter('runs.list', 'size')).toMatchObject({ in: 'query', required: false, schema: { type: 'integer', minimum: 1, maximum: 1000, default: 25 } })
  expect(parameter('runs.list', 'page')?.schema).toMatchObject({ type: 'integer', default: 0 })
  expect(parameter('runs.watch', 'follow')?.schema).toEqual({ type: 'boolean', default: true })
  expect(parameter('runs.delete', 'cascade')?.schema).toEqual({ type: 'boolean' })
  expect(parameter('functions.deleteByName', 'name')?.required).toBe(true)
})

test('streams are NDJSON, pages HTML, all else JSON', () => {
  const types = (id: string, status = '200'): unknown => valuesOf('content', responses(id)[status]).map((content) => Object.keys(content as object))
  expect(types('runs.streamLogs')).toEqual([['application/x-ndjson']])
  expect(types('browser.loginPage')).toEqual([['text/html']])
  expect(types('browser.login', '401')).toEqual([['application/json', 'text/html']])
  expect(responses('runs.create')['200']).toMatchObject({ content: { 'application/json': { schema: { $ref: '#/components/schemas/Run' } } } })
})

test('every way to prove who calls is declared, and asked for wherever it is needed', () => {
  expect(document.security.map((one) => Object.keys(one)[0])).toEqual(Object.keys(document.components.securitySchemes))
  const open = operations.filter(({ operation: { security } }) => security && security.length === 0).map(({ path }) => path)
  expect(open.filter((path) => path.startsWith('/api/'))).toEqual([])
  expect(open).toContain('/auth/token')
  expect(open).not.toContain('/metrics')
})

test('failures have the schema of errors, under the status that the endpoint can answer', () => {
  expect(operation('runs.create')?.responses).toMatchObject({ 400: {}, 404: {}, default: { $ref: '#/components/responses/Failure' } })
  expect(operation('server.info')?.responses).not.toHaveProperty('404')
  expect(document.components.responses.Failure.content['application/json'].schema).toEqual({ $ref: '#/components/schemas/Error' })
})

test('schemas hold nothing that JSON Schema 2020-12 or readers stumble on', () => {
  expect(valuesOf('$id', document)).toEqual([])
  expect(valuesOf('$schema', document)).toEqual([])
  expect(valuesOf('$defs', document)).toEqual([])
  expect(valuesOf('minimum', document)).not.toContain(Number.MIN_SAFE_INTEGER)
  expect(JSON.parse(JSON.stringify(document))).toEqual(document)
})

test('a property that is called id stays', () => {
  expect(document.components.schemas['Run']).toMatchObject({ properties: { id: { type: 'string' } } })
})
