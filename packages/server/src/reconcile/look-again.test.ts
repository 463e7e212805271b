import { expect, test } from 'vitest'
import { container, seen } from '#domain/testing/samples.ts'
import { verdict } from '#domain/verdict.ts'
import { lookAgainMs } from './look-again.ts'

const well = { state: 'RUNNING', trouble: undefined, lookMs: 30_000 } as const
const trouble = verdict('unschedulable-cpu', [])

test('what is well is looked at as seldom as its engine allows, what is not, soon, what starts, very soon', () => {
  expect(lookAgainMs(seen([container()]), well)).toBe(30_000)
  expect(lookAgainMs(seen([container({ ready: false })]), well)).toBe(2000)
  expect(lookAgainMs(seen([container()]), { ...well, trouble })).toBe(2000)
  expect(lookAgainMs(seen([container()]), { ...well, state: 'PENDING' })).toBe(300)
})

test('what waits for something that is missing is not asked three times a second whether it came', () => {
  expect(lookAgainMs(seen([]), { ...well, state: 'PENDING', trouble })).toBe(2000)
})

test('an engine that knows when the sight will mean something else is believed', () => {
  expect(lookAgainMs(seen([container({ ready: false })], { lookInMs: 90_000 }), { ...well, state: 'PENDING', trouble })).toBe(90_000)
})
