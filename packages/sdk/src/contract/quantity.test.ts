import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseQuantity } from './quantity.ts'
import { requestsAndLimits, Resources } from './resources.ts'
import { parseOrThrow } from './validate.ts'

const wrong = (resources: unknown) => () => parseOrThrow(Resources, resources, 'spec', 'resources')

describe('quantities', () => {
  test.each([
    ['500m', 0.5],
    ['0.5', 0.5],
    ['2', 2],
    [2, 2],
    ['1k', 1000],
    ['128Mi', 134_217_728],
    ['1Gi', 1_073_741_824],
    ['1.5G', 1_500_000_000],
    [' 1Ki ', 1024],
    [0, 0],
    ['.5', 0.5],
    ['5.', 5],
    ['+1', 1],
    ['1e3', 1000],
    ['1.5E-3', 0.0015],
    ['1E', 1e18],
    ['100n', 1e-7],
    ['250u', 2.5e-4],
  ])('%j is %d', (text, value) => {
    expect(parseQuantity(text)).toBe(value)
  })

  test.each([
    '',
    'Gi',
    '-1',
    '1 Gi',
    '1GiB',
    '1e',
    '1e3Mi',
    '1e400',
    '9'.repeat(400),
    '.',
    '1,5',
    '0x10',
    'constructor',
    '1toString',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('%j is none', (text) => {
    expect(parseQuantity(text)).toBeUndefined()
  })

  test('any text is read without an exception', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const value = parseQuantity(text)
        return value === undefined || value >= 0
      }),
    )
  })

  test('a number and its text are the same amount', () => {
    fc.assert(fc.property(fc.nat(), (number) => parseQuantity(number) === parseQuantity(String(number))))
  })
})

describe('resources', () => {
  test('the three forms of the official clients mean the same', () => {
    const wanted = { cpu: { request: 0.5, limit: 0.5 }, mem: { request: 1_073_741_824, limit: 1_073_741_824 } }
    const forms = [
      { cpu: '500m', mem: '1Gi' },
      { cpu: { requests: '500m', limits: 0.5 }, mem: { requests: '1Gi', limits: '1024Mi' } },
      [
        { resource_type: 'cpu', requests: '500m', limits: '500m' },
        { resource_type: 'mem', requests: '1Gi', limits: '1Gi' },
      ],
    ]
    for (const form of forms) expect(requestsAndLimits(parseOrThrow(Resources, form))).toEqual(wanted)
  })

  test('one side alone stays alone, and what is not said is not there', () => {
    expect(requestsAndLimits({ cpu: { limits: '1' } })).toEqual({ cpu: { limit: 1 } })
    expect(requestsAndLimits({})).toEqual({})
  })

  test('what is no amount is refused with its path and how to write it', () => {
    expect(wrong({ mem: 'lots' })).toThrow(
      expect.objectContaining({ code: 'invalid', path: expect.stringContaining('spec.resources'), message: expect.stringMatching(/mem.*(quantity|512Mi)/) }),
    )
  })

  test('a request above its limit is refused', () => {
    expect(wrong({ cpu: { requests: '2', limits: '1' } })).toThrow(
      expect.objectContaining({ path: 'spec.resources.cpu', message: expect.stringContaining('more (2) than its limit (1)') }),
    )
  })

  test('a resource that does not exist is refused with those that do', () => {
    expect(wrong([{ resource_type: 'ram', limits: 1 }])).toThrow(/resource_type must be one of cpu, mem, gpu, disk/)
  })
})
