import { expect, test } from 'vitest'
import * as z from 'zod'
import { schemaBook } from './openapi-schemas.ts'

const Port = z.looseObject({ port: z.int(), protocol: z.string().default('TCP') }).meta({ id: 'TestPort' })
const Plain = z.looseObject({ text: z.string() }).meta({ id: 'TestPlain' })
const Service = z.looseObject({ ports: z.array(Port), plain: Plain }).meta({ id: 'TestService' })

test('a schema that is the same on both ways is one component', () => {
  const book = schemaBook([Plain], [Plain])
  expect(Object.keys(book.components)).toEqual(['TestPlain'])
  expect(book.request(Plain)).toEqual(book.answer(Plain))
})

test('a default makes two components, also of what refers to it', () => {
  const book = schemaBook([Service], [Service])
  expect(Object.keys(book.components)).toEqual(['TestPlain', 'TestPort', 'TestPortInput', 'TestService', 'TestServiceInput'])
  expect(book.components['TestPort']).toMatchObject({ required: ['port', 'protocol'] })
  expect(book.components['TestPortInput']).toMatchObject({ required: ['port'] })
  expect(book.request(Service)).toEqual({ $ref: '#/components/schemas/TestServiceInput' })
  expect(book.components['TestServiceInput']).toMatchObject({
    properties: { ports: { items: { $ref: '#/components/schemas/TestPortInput' } }, plain: { $ref: '#/components/schemas/TestPlain' } },
  })
})

test('a schema that only requests use keeps its name, in its request form', () => {
  expect(schemaBook([Port], [Plain]).components['TestPort']).toMatchObject({ required: ['port'] })
})

test('properties named like keywords are kept', () => {
  const Odd = z.looseObject({ id: z.string(), properties: z.looseObject({ id: z.string() }), minimum: z.int() })
  expect(schemaBook([], [Odd]).answer(Odd)).toMatchObject({
    properties: { id: { type: 'string' }, properties: { properties: { id: { type: 'string' } } }, minimum: { type: 'integer' } },
  })
})

test('what a request may leave out it may send as null, at every depth; an answer never has null for it', () => {
  const Inner = z.looseObject({ size: z.int().optional() })
  const Outer = z
    .looseObject({ must: z.string(), may: Inner.optional(), map: z.record(z.string(), z.int()), any: z.unknown().optional() })
    .meta({ id: 'TestOuter' })
  const { components } = schemaBook([Outer], [Outer])
  const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] })
  expect(components['TestOuterInput']).toMatchObject({
    properties: {
      must: { type: 'string' },
      may: orNull({ type: 'object', properties: { size: orNull({ type: 'integer' }) } }),
      map: { additionalProperties: orNull({ type: 'integer' }) },
      any: {},
    },
  })
  expect(JSON.stringify(components['TestOuter'])).not.toContain('null')
})
