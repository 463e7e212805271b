import { expect, test } from 'vitest'
import { table } from './ending.ts'
import { narrator } from './narrator.ts'

test('columns are as wide as their longest cell, and lines end without blanks', () => {
  expect(
    table([
      ['A', 'LONG', ''],
      ['wide', 'b', ''],
    ]),
  ).toBe('A     LONG\nwide  b')
})

test('the narrator gives each line the seconds since the start', () => {
  const lines: string[] = []
  let now = 1_000
  const { say, quote } = narrator(
    (text) => lines.push(text),
    () => now,
  )
  now = 3_500
  say('built')
  quote('one\ntwo\n')
  expect(lines).toEqual(['   2.5 s  built\n', '          │ one\n', '          │ two\n'])
})
