import { expect, test } from 'vitest'
import { container, seen } from '#domain/testing/samples.ts'
import { onOurClock } from './our-clock.ts'

const THEIRS = '2026-01-01T00:05:00.000Z'
const OURS = '2026-01-01T00:00:00.000Z'

test('starts, ends and what is wrong are told in our time', () => {
  const sight = seen([container({ startedAt: THEIRS, endedAt: THEIRS })], { trouble: { code: 'evicted', evidence: [], since: THEIRS } })
  expect(onOurClock(sight, 300_000)).toMatchObject({ containers: [{ startedAt: OURS, endedAt: OURS }], trouble: { since: OURS } })
})

test('what did not start has no time, and clocks that agree change nothing', () => {
  const sight = seen([container({ startedAt: undefined, endedAt: undefined })])
  expect(onOurClock(sight, 300_000)).toEqual({ ...sight, trouble: undefined })
  expect(onOurClock(sight, 0)).toBe(sight)
  expect(onOurClock({ phase: 'absent' }, 300_000)).toEqual({ phase: 'absent' })
})
