import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64, toBase64 } from './base64.ts'

test('bytes come back as they were, in the base64 that others write', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(fromBase64(toBase64(bytes))).toEqual(bytes)
    }),
  )
})

test('megabytes are no problem', () => {
  const bytes = new Uint8Array(3_000_001).fill(7)
  expect(fromBase64(toBase64(bytes))).toEqual(bytes)
})
