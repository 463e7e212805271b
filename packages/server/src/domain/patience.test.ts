import { VERDICT_CODES, type VerdictCode } from 'davit/contract'
import { expect, test } from 'vitest'
import { retryRefusedInMs } from './patience.ts'

const codes = Object.keys(VERDICT_CODES) as readonly VerdictCode[]

test.each(codes.filter((code) => !VERDICT_CODES[code].transient))('%s will not pass by itself', (code) => {
  expect(retryRefusedInMs(code, 0)).toBeUndefined()
})

test.each(codes.filter((code) => VERDICT_CODES[code].transient))('%s is tried again, at first after a second', (code) => {
  expect(retryRefusedInMs(code, 0)).toBe(1000)
})

test('an unreachable registry is given up after 10 s, a full disk after 10 min, a silent engine never', () => {
  expect([9999, 10_000].map((age) => retryRefusedInMs('image-registry-unreachable', age))).toEqual([2, undefined])
  expect([400_000, 600_000].map((age) => retryRefusedInMs('disk-full', age))).toEqual([30_000, undefined])
  expect(retryRefusedInMs('engine-unreachable', 1e12)).toBe(30_000)
})
