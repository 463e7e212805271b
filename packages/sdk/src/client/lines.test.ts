import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Line, splitLines } from './lines.ts'

const bodyOf = (pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })
const read = (pieces: readonly Uint8Array[]): Promise<Line[]> => Array.fromAsync(splitLines(bodyOf(pieces)))
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const cutAt = (whole: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b), whole.length]
  return places.slice(1).map((end, index) => whole.subarray(places[index], end))
}

describe('lines of a stream', () => {
  test('come out whole wherever the pieces are cut, also inside a character', async () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.trim() !== '' && !text.includes('\n') && !text.startsWith('\ufeff'))
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat()), async (lines, cuts) => {
        const got = await read(cutAt(bytes(lines.map((text) => `${text}\n`).join('')), cuts))
        expect(got).toEqual(lines.map((text) => ({ text, whole: true })))
      }),
    )
  })

  test('that are empty are passed over: servers send them to keep a connection alive', async () => {
    expect(await read([bytes('\n\na\n\r\n')])).toEqual([{ text: 'a', whole: true }])
  })

  test('that have no newline are marked, because their end may be missing', async () => {
    expect(await read([bytes('a\nb')])).toEqual([
      { text: 'a', whole: true },
      { text: 'b', whole: false },
    ])
  })

  test('may be 10 MB long in small pieces', async () => {
    const piece = bytes('x'.repeat(16_384))
    const [line] = await read([...Array.from({ length: 640 }, () => piece), bytes('\n')])
    expect(line?.text).toHaveLength(640 * 16_384)
  })

  test('let go of the body when the reader leaves', async () => {
    let cancelled = false
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes('a\nb\n')),
      cancel: () => {
        cancelled = true
      },
    })
    for await (const { text } of splitLines(body)) {
      expect(text).toBe('a')
      break
    }
    expect(cancelled).toBe(true)
  })
})
