import { expect, test } from 'vitest'
import { serverClock } from './clock.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const at = (ms: number): string => new Date(NOW + ms).toUTCString()

test('a clock that is off by minutes is known by its answers, and stays as it was first heard', () => {
  const clock = serverClock(() => NOW)
  expect(clock.aheadMs()).toBe(0)
  clock.heard(at(-300_000))
  expect(clock.aheadMs()).toBe(-300_000)
  clock.heard(at(-297_000))
  expect(clock.aheadMs()).toBe(-300_000)
  clock.heard(at(0))
  expect(clock.aheadMs()).toBe(0)
})

test('seconds, and answers without a date or with nonsense, change nothing', () => {
  const clock = serverClock(() => NOW)
  for (const date of [at(4000), undefined, 'soon', []]) clock.heard(date)
  expect(clock.aheadMs()).toBe(0)
})
