import { describe, expect, test } from 'vitest'
import { type Frame, frames } from './frames.ts'
import { byteCursor, sinceOf, stampCursor } from './log-cursor.ts'
import { recordsFromEnd } from './local-log.ts'

const stampOf = (second: number): string => `2026-01-02T03:04:${String(second).padStart(2, '0')}.000000000Z`
const stamped = (second: number, text: string, stream = 1): Frame => ({ stream, body: Buffer.from(`${stampOf(second)} ${text}`) })
const plain = (text: string): Frame => ({ stream: 1, body: Buffer.from(text) })

describe('a log that is read a second time', () => {
  test('goes on after the last piece, also among pieces of one moment', () => {
    const cursor = stampCursor()
    cursor.begin()
    expect(cursor.take([stamped(1, 'a\n'), stamped(2, 'b\n'), stamped(2, 'c\n')]).toString()).toBe('a\nb\nc\n')
    cursor.begin()
    expect(cursor.take([stamped(1, 'a\n'), stamped(2, 'b\n'), stamped(2, 'c\n'), stamped(2, 'd\n'), stamped(3, 'e\n')]).toString()).toBe('d\ne\n')
  })
  test('misses nothing when the two streams are stamped out of order', () => {
    const cursor = stampCursor()
    cursor.begin()
    cursor.take([stamped(1, 'out '), stamped(5, 'err\n', 2), stamped(1, 'out ')])
    cursor.begin()
    expect(cursor.query().since).toBe(sinceOf(stampOf(1)))
    expect(cursor.take([stamped(1, 'out '), stamped(5, 'err\n', 2), stamped(1, 'out '), stamped(1, 'more\n')]).toString()).toBe('more\n')
  })
  test('goes on when its beginning was rotated away', () => {
    const cursor = stampCursor()
    cursor.begin()
    cursor.take([stamped(1, 'a\n'), stamped(2, 'b\n')])
    cursor.begin()
    expect(cursor.take([stamped(7, 'z\n')]).toString()).toBe('z\n')
  })
  test('is asked for from the beginning first', () => expect(stampCursor().query()).toEqual({ stdout: '1', stderr: '1', timestamps: '1' }))
  test('without stamps is counted in bytes', () => {
    const cursor = byteCursor()
    cursor.begin()
    expect(cursor.take([plain('abc')]).toString()).toBe('abc')
    cursor.begin()
    expect(cursor.take([plain('ab')]).toString()).toBe('')
    expect(cursor.take([plain('cdef')]).toString()).toBe('def')
  })
})

describe('the end of a line that was kept in pieces', () => {
  const piece = 'x'.repeat(16_384)
  test('is put back when another line follows', () => {
    const cursor = stampCursor()
    cursor.begin()
    expect(cursor.take([stamped(1, piece), stamped(1, 'end'), stamped(2, 'next\n')]).toString()).toBe(`${piece}end\nnext\n`)
    expect(cursor.unsure()).toEqual([])
  })
  test('is not put into a line that the other stream interrupts', () => {
    const cursor = stampCursor()
    cursor.begin()
    expect(cursor.take([stamped(1, piece), stamped(2, 'err\n', 2), stamped(1, 'end')]).toString()).toBe(`${piece}err\nend`)
    expect(cursor.unsure()).toEqual([1])
  })
  test('is not put after a short tail that a process left before its restart', () => {
    const cursor = stampCursor()
    cursor.begin()
    expect(cursor.take([stamped(1, 'prompt> '), stamped(2, 'next\n')]).toString()).toBe('prompt> next\n')
  })
})

describe("the engine's frames", () => {
  const frame = (stream: number, text: string): Buffer => {
    const header = Buffer.alloc(8)
    header[0] = stream
    header.writeUInt32BE(Buffer.byteLength(text), 4)
    return Buffer.concat([header, Buffer.from(text)])
  }
  const whole = Buffer.concat([frame(1, 'one\n'), frame(2, ''), frame(2, 'two'), frame(1, 'x'.repeat(100))])
  for (const size of [1, 3, 8, 11, 50, 1000])
    test(`are the same however they arrive: ${size} bytes at once`, async () => {
      const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) => whole.subarray(index * size, (index + 1) * size))
      const all = (await Array.fromAsync(frames(chunks as unknown as AsyncIterable<Buffer>))).flat()
      expect(all.map(({ stream, body }) => [stream, body.toString()])).toEqual([
        [1, 'one\n'],
        [2, ''],
        [2, 'two'],
        [1, 'x'.repeat(100)],
      ])
    })
})

describe("Docker's own log file", () => {
  const record = (bytes: number[]): Buffer => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, Buffer.from(bytes), length])
  }
  const text = (field: number, value: string): number[] => [(field << 3) | 2, value.length, ...Buffer.from(value)]
  test('tells from its last record of a stream whether the line had ended', () => {
    const open = record([...text(1, 'stdout'), 0x10, 0x80, 0x01, ...text(3, 'abc'), 0x20, 1, 0x2a, 2, 0x18, 1])
    const ended = record([...text(1, 'stderr'), ...text(3, 'x'), 0x20, 1, 0x2a, 4, 0x08, 1, 0x18, 2])
    expect(recordsFromEnd(Buffer.concat([open, ended]))).toEqual([
      { source: 'stderr', endsLine: true },
      { source: 'stdout', endsLine: false },
    ])
  })
  test('that is cut at its front gives what is whole', () => {
    const one = record([...text(1, 'stdout'), ...text(3, 'abc')])
    expect(recordsFromEnd(Buffer.concat([one.subarray(6), one]))).toHaveLength(1)
  })
})
