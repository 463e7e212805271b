import fc, { type Arbitrary } from 'fast-check'
import { resolved, type Schema } from './operations.ts'
import { known } from './pool.ts'

/** Placeholders in generated values that become text which no JSON serializer writes: `1e400`, a hundred thousand brackets. */
const RAW = '@@raw:'
const DEEP = '@@deep:'
export const written = (text: string): string =>
  text.replace(/"@@(raw|deep):([^"@]*)@@"/g, (_all, kind: string, said: string) =>
    kind === 'raw' ? said : `${'['.repeat(Number(said))}${']'.repeat(Number(said))}`,
  )

const HOSTILE_TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udfff\ud800',
  '\ufeff',
  '\u202egnp.exe',
  'é',
  'e\u0301',
  'ﷺ'.repeat(50),
  '👩‍👩‍👧‍👦',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../etc/passwd',
  '..%2f..%2f',
  '%00',
  '%',
  '%zz',
  "'; drop table run; --",
  '$1',
  '%s%n',
  '${7*7}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  'a\r\nSet-Cookie: x=y',
  'null',
  'undefined',
  'NaN',
  'true',
  '-1',
  '0x10',
  '1e400',
  '99999999999999999999999',
  'container://',
  'container://p/f:',
  'container+job://a/b/c:d',
  'store://x',
  '9'.repeat(400),
  '(a+)+$',
  '\\',
  '"',
  'created,',
  ',desc',
  'id,ASC,DESC',
  '2026-01-01T00:00:00Z,0000-00-00',
  '-271821-04-20T00:00:00Z',
  '+275760-09-13T00:00:00Z,+275760-09-13T00:00:00Z',
  '0001-01-01',
] as const

/** Text that programs stumble over. */
export const hostileText: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom('\ud83d', '\0', '\u2028', 'x', '_', '%', '/'), { maxLength: 12 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 100_000 }).map((length) => 'x'.repeat(length)) },
  // What cannot be made shorter, as an index of the database would.
  { weight: 1, arbitrary: fc.stringMatching(/^[0-9a-z]{6000}$/) },
)

const hostileNumber = fc
  .constantFrom('1e400', '-1e400', '-0', '1e-400', '9007199254740993', '18446744073709551616', '-1', '0.1', '2147483648', '1E5')
  .map((n) => `${RAW}${n}@@`)
const hostileKeys = fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'then', 'length', '', '$ref', 'a.b', '\0', '\ud800')

/** A value that is wrong nearly everywhere. */
export const hostileValue: Arbitrary<unknown> = fc.oneof(
  hostileText,
  hostileNumber,
  fc.constantFrom(10, 99, 101, 5_000, 100_000).map((depth) => `${DEEP}${depth}@@`),
  fc.tuple(hostileKeys, fc.jsonValue({ maxDepth: 2 })).map(([key, value]) => Object.fromEntries([[key, value]])),
  fc.constantFrom(null, true, false, 0, [], {}, [[]], [null], { __proto__: null }),
  fc.jsonValue({ maxDepth: 4 }),
)

const textOf = ({ pattern, minLength = 0, maxLength }: Schema): Arbitrary<string> => {
  if (pattern === undefined) return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength ?? minLength + 30, minLength + 30) })
  return fc.stringMatching(new RegExp(pattern), { size: 'small' }).filter(({ length }) => length >= minLength && length <= (maxLength ?? length))
}

const wholeOf = ({ minimum = -1_000_000, maximum = Number.MAX_SAFE_INTEGER }: Schema): Arbitrary<number> =>
  fc.oneof(fc.integer({ min: minimum, max: Math.min(maximum, minimum + 100) }), fc.integer({ min: minimum, max: maximum }))

const objectOf = (schema: Schema, depth: number): Arbitrary<unknown> => {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, of]) => [name, depth > 6 ? fc.constant(undefined) : valueOf(of, { field: name, depth: depth + 1 })]),
  )
  const named = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) })
  if (typeof additionalProperties !== 'object' || Object.keys(additionalProperties).length === 0) return named
  const entry = fc.tuple(
    valueOf(propertyNames ?? { type: 'string' }, { field: 'name', depth }).map(String),
    valueOf(additionalProperties, { field: '', depth: depth + 1 }),
  )
  return fc.tuple(named, fc.array(entry, { maxLength: 3 })).map(([own, more]) => ({ ...own, ...Object.fromEntries(more) }))
}

const plainOf = (schema: Schema, at: { field: string; depth: number }): Arbitrary<unknown> => {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const branches = schema.anyOf ?? schema.oneOf
  if (branches) return fc.oneof(...branches.map((branch) => ({ weight: branch.type === 'null' ? 1 : 8, arbitrary: valueOf(branch, at) })))
  if (schema.allOf) return fc.tuple(...schema.allOf.map((part) => valueOf(part, at))).map((parts) => Object.assign({}, ...parts) as unknown)
  const [type] = [schema.type].flat()
  if (type === 'string') return textOf(schema)
  if (type === 'integer') return wholeOf(schema)
  if (type === 'number') return fc.double({ noNaN: true, noDefaultInfinity: true })
  if (type === 'boolean') return fc.boolean()
  if (type === 'null') return fc.constant(null)
  if (type === 'array')
    return fc.array(valueOf(schema.items ?? {}, { ...at, depth: at.depth + 1 }), {
      minLength: schema.minItems ?? 0,
      maxLength: Math.min(schema.maxItems ?? 3, 3),
    })
  if (type === 'object' || schema.properties) return objectOf(schema, at.depth)
  return fc.jsonValue({ maxDepth: 2 })
}

/** Values that a schema allows; texts are often ones that the server gave for a field of that name, so that references lead somewhere. */
export const valueOf = (given: Schema, at: { readonly field: string; readonly depth: number }): Arbitrary<unknown> => {
  const schema = resolved(given)
  const plain = plainOf(schema, at)
  if ([schema.type].flat()[0] !== 'string' || schema.enum || schema.const !== undefined) return plain
  return fc.oneof({ weight: 2, arbitrary: fc.nat(12).map((nth) => known(at.field, nth)) }, { weight: 1, arbitrary: plain })
}
