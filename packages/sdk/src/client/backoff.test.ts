import { expect, test } from 'vitest'
import { backoff, parseRetryAfter } from './backoff.ts'

test('the wait doubles, is capped, and at least half of it is certain', () => {
  expect([0, 1, 2, 10, 1000].map((attempt) => backoff(attempt, () => 1))).toEqual([200, 400, 800, 5000, 5000])
  expect(backoff(3, () => 0)).toBe(800)
})

test('Retry-After is read as seconds or a date, never as a time that has passed', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  expect(parseRetryAfter('3', now)).toBe(3000)
  expect(parseRetryAfter('Thu, 01 Jan 2026 00:00:10 GMT', now)).toBe(10_000)
  expect(parseRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0)
  expect([null, '', 'soon'].map((header) => parseRetryAfter(header, now))).toEqual([undefined, undefined, undefined])
})
