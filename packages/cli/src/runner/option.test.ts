import { expect, test } from 'vitest'
import { choice, integer, longName, parseDuration, shortName, takesValue } from './option.ts'

test.each([
  ['90', 90_000],
  ['1.5', 1_500],
  ['250ms', 250],
  ['30s', 30_000],
  ['1m30s', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
])('%s is a duration of %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

test.each(['', 's', '-5', '5 s', '5x', '1m30', 'soon'])('"%s" is no duration', (text) => expect(parseDuration(text)).toBeUndefined())

test('a whole number outside its range is refused with the range', () => {
  const replicas = integer('--replicas <n>', '', { min: 1, max: 5 })
  expect(replicas.parse('3', '--replicas')).toBe(3)
  for (const wrong of ['0', '6', '-1', '1.5', 'x', ''])
    expect(() => replicas.parse(wrong, '--replicas')).toThrow(/--replicas must be a whole number from 1 to 5/)
})

test('a choice outside the list is refused with the list', () => {
  const format = choice('-o, --output <format>', ['table', 'json'], '')
  expect(format.parse('json', '--output')).toBe('json')
  expect(() => format.parse('xml', '--output')).toThrow('--output must be one of table, json, not "xml"')
})

test('flags know their names', () => {
  const option = { flags: '-e, --env-file <path>' }
  expect([longName(option), shortName(option), takesValue(option)]).toEqual(['--env-file', '-e', true])
  expect([longName({ flags: '--rm' }), shortName({ flags: '--rm' }), takesValue({ flags: '--rm' })]).toEqual(['--rm', undefined, false])
})
