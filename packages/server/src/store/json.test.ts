import fc from 'fast-check'
import { expect, test } from 'vitest'
import { json } from './json.ts'

test('what PostgreSQL can hold is kept as it is', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((one) => !one.includes('\0'))
  fc.assert(fc.property(text, (value) => JSON.parse(json({ [value]: [value] }))[value][0] === value))
})

test('text that only looks like an escape is kept', () => {
  for (const value of ['\\u0000', '\\\\u0000', '\\ud800', 'C:\\users\\u0000']) expect(JSON.parse(json(value))).toBe(value)
})

test('NUL and halves of characters become the sign for such, in names too', () => {
  expect(JSON.parse(json({ 'a\0': ['\0b\\\0', '\ud83d', 'x\udc00y'] }))).toEqual({ 'a\ufffd': ['\ufffdb\\\ufffd', '\ufffd', 'x\ufffdy'] })
  expect(JSON.parse(json('😀'))).toBe('😀')
})
