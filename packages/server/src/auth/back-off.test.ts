import { expect, test } from 'vitest'
import { delayS } from './back-off.ts'

test('the first tries cost nothing, then the wait doubles up to a quarter of an hour', () => {
  expect([0, 4, 5, 6, 7, 100].map((failures) => delayS('pair', failures))).toEqual([0, 0, 1, 2, 4, 900])
})

test('a name alone never waits long: nobody can lock its owner out', () => {
  expect([99, 100, 100_000].map((failures) => delayS('user', failures))).toEqual([0, 1, 10])
})
