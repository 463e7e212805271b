import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hiding } from './hide.ts'
import { tailBuffer } from './tail.ts'

describe('what must not be seen', () => {
  test('is taken out wherever it stands, line by line where it has several', () => {
    expect(hiding(['hunter2!'])('password=hunter2!, again hunter2!')).toBe('password=[secret], again [secret]')
    const key = hiding(['-----BEGIN-----\nabcdefgh\r\nijklmnop\n'])
    expect(['x ijklmnop', 'abcdefgh'].map((line) => key(line))).toEqual(['x [secret]', '[secret]'])
  })

  test('is taken out whole where one value holds another', () => {
    expect(hiding(['pass', 'password'])('my password')).toBe('my [secret]')
  })

  test('is not looked for where it would be in every text', () => {
    expect(hiding(['a', ' \n \n', ''])('a banana')).toBe('a banana')
  })

  test('is gone also where only its end is left of it', () => {
    expect(hiding(['0123456789'])('456789 and more', true)).toBe('[secret] and more')
    expect(hiding(['0123456789'])('456789 and more')).toBe('456789 and more')
  })

  test('never shows in the last lines, wherever these are cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 700 }), fc.integer({ min: 40, max: 800 }), (before, after, room) => {
        const secret = 'S3cr3t/'.repeat(9)
        const tail = tailBuffer(room)
        tail.push(Buffer.from(`${'b'.repeat(before)}${secret}${'a'.repeat(after)}`))
        const shown = tail.lines(3, { hide: hiding([secret]) }).join('\n')
        // Less than four characters of it may be left at the very edge.
        expect(shown.replaceAll('[secret]', '')).not.toMatch(/S3cr|3cr3|cr3t|r3t\//)
      }),
      { numRuns: 500 },
    )
  })
})
