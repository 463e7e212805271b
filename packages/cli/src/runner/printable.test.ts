import { expect, test } from 'vitest'
import { printable, printableCell } from './printable.ts'

test('text of others cannot steer a terminal', () => {
  expect(printable('a\u001b[2Jb\u0007c\r\u009bd\te\nf')).toBe('a[2Jbcd\te\nf')
})

test('a cell is one line, and keeps its colours only', () => {
  expect(printableCell('\u001b[31mred\u001b[39m\n  more\u001b]0;title\u0007')).toBe('\u001b[31mred\u001b[39m more]0;title')
})
