import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newestLines, tailBuffer } from './tail.ts'

const tailOf = (text: string | Uint8Array, maxBytes = 16_384) => {
  const tail = tailBuffer(maxBytes)
  tail.push(typeof text === 'string' ? Buffer.from(text) : text)
  return tail
}

describe('the last lines of what went by', () => {
  test.each([
    ['', []],
    ['a', ['a']],
    ['a\nb\n', ['a', 'b']],
    ['a\r\nb', ['a', 'b']],
    ['a\n\n  \nb\n\n', ['a', 'b']],
    ['1\n2\n3\n4', ['2', '3', '4']],
  ])('%j', (text, lines) => {
    expect(tailOf(text).lines(3)).toEqual(lines)
  })

  test('are the same however the bytes were cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 10 })), fc.integer({ min: 1, max: 7 }), (lines, size) => {
        const bytes = Buffer.from(lines.join('\n'))
        const pieces = tailBuffer(100_000)
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
        expect(pieces.lines(5)).toEqual(tailOf(bytes, 100_000).lines(5))
      }),
    )
  })

  test('of a line too long only its end is shown, as whole characters', () => {
    expect(tailOf('x'.repeat(1000)).lines(1, { maxLength: 10 })).toEqual(['x'.repeat(10)])
    const [line = ''] = tailOf(`${'😀'.repeat(400)}!`).lines(1)
    expect(line.isWellFormed()).toBe(true)
    expect(line).toMatch(/😀!$/)
  })

  test('control characters and broken text are shown as such, tabs are kept', () => {
    expect(tailOf('a\tb\u001b[31mred\0').lines(1)).toEqual(['a\tb\ufffd[31mred\ufffd'])
    expect(tailOf(Buffer.from([0x61, 0xff, 0x62])).lines(1)).toEqual(['a\ufffdb'])
  })

  test('do not need more room than allowed', () => {
    const tail = tailBuffer(8)
    for (let i = 0; i < 1000; i++) tail.push(Buffer.from(`line ${i}\n`))
    expect(tail.lines(10)).toEqual(['ine 999'])
  })
})

describe('where the newest lines begin', () => {
  test.each([
    ['', 3, 0],
    ['a\nb\nc\n', 1, 4],
    ['a\nb\nc', 1, 4],
    ['a\nb\nc\n', 2, 2],
    ['a\nb\nc\n', 9, 0],
    ['a\nb\n', 0, 4],
    ['\n\n\n', 1, 2],
  ])('%j, %i', (text, count, at) => {
    expect(newestLines(Buffer.from(text), count)).toBe(at)
  })

  test('what follows holds that many lines, or all', () => {
    const text = fc.array(fc.constantFrom('a', '\n', 'é')).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 6 }), (whole, count) => {
        const bytes = Buffer.from(whole)
        const linesIn = (part: string) => part.split('\n').length - (part.endsWith('\n') || part === '' ? 1 : 0)
        const at = newestLines(bytes, count)
        expect(linesIn(bytes.subarray(at).toString())).toBe(Math.min(count, linesIn(whole)))
        expect(at === 0 || bytes[at - 1] === 10).toBe(true)
      }),
    )
  })
})
