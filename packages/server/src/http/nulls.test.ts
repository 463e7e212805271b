import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withoutNulls } from './nulls.ts'

describe('null is "not set"', () => {
  test('at every depth of objects', () => {
    expect(withoutNulls({ a: null, b: { c: null, d: [{ e: null, f: 1 }] } })).toEqual({ b: { d: [{ f: 1 }] } })
  })

  test('but in a list it has its place', () => {
    expect(withoutNulls([null, 1])).toEqual([null, 1])
    expect(withoutNulls(null)).toBe(null)
  })

  test('what holds no null is as before', () => {
    const value = fc.object({ withNullPrototype: false, values: [fc.boolean(), fc.integer(), fc.string()] })
    fc.assert(
      fc.property(value, (given) => {
        expect(withoutNulls(given)).toEqual(given)
      }),
    )
  })

  test('a key that changes objects changes nothing', () => {
    const clean = withoutNulls(JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'))
    expect(Object.getPrototypeOf(clean)).toBe(Object.prototype)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    expect(Object.keys(clean as object)).toEqual(['__proto__', 'constructor'])
  })
})

describe('depth', () => {
  test.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('of %s is limited to what any real input has', (_, open, close) => {
    const nested = (depth: number): unknown => JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`)
    expect(() => withoutNulls(nested(100))).not.toThrow()
    for (const depth of [101, 200_000])
      expect(() => withoutNulls(nested(depth))).toThrow(expect.objectContaining({ code: 'invalid', message: expect.stringContaining('deeper than 100') }))
  })
})
