import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inTurn, newestBytes } from './newest.ts'

async function* given(parts: readonly string[]) {
  for (const part of parts) yield { data: Buffer.from(part) }
}

test('the newest bytes are the end, however the log was cut; the rest is counted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ maxLength: 9 })), fc.nat(40), async (parts, most) => {
      const all = Buffer.from(parts.join(''))
      const { bytes, omitted } = await newestBytes(given(parts), most)
      expect(bytes.toString('latin1')).toBe(all.subarray(Math.max(0, all.length - most)).toString('latin1'))
      expect(omitted).toBe(all.length - bytes.length)
    }),
  )
})

test('short logs leave their share to those that follow; together they stay below the budget', async () => {
  const lengths = [10, 1000, 0, 1000]
  const logs = await inTurn(lengths, async (length, most) => ({ content: Buffer.alloc(Math.min(length, most)).toString('base64') }), 400)
  expect(logs.map(({ content }) => Buffer.byteLength(content, 'base64'))).toEqual([10, 130, 0, 260])
})
