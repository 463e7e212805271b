import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyRing, type KeyRing } from './key-ring.ts'
import { secretBox } from './secret-box.ts'

const ringOf = (...keys: readonly Buffer[]): Promise<KeyRing> => keyRing({ origin: 'a test', read: async () => keys })

const key = randomBytes(32)
const box = secretBox(await ringOf(key))

describe('a sealed secret', () => {
  test('opens to what it was, whatever that is', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (value) => box.open('p', 's', box.seal('p', 's', value)) === value))
  })

  test('does not show its value, and looks different each time', () => {
    const [one, two] = [box.seal('p', 's', 'hunter2-hunter2'), box.seal('p', 's', 'hunter2-hunter2')]
    expect(one.includes('hunter2')).toBe(false)
    expect(one.equals(two)).toBe(false)
  })

  test.each([
    ['q', 's'],
    ['p', 't'],
    ['p","s', ''],
  ])('does not open as %s/%s', (project, name) => {
    expect(() => box.open(project, name, box.seal('p', 's', 'v'))).toThrow(expect.objectContaining({ code: 'internal' }))
  })

  test('does not open with another key', async () => {
    const other = secretBox(await ringOf(randomBytes(32)))
    expect(() => other.open('p', 's', box.seal('p', 's', 'v'))).toThrow(/cannot be opened/)
  })

  test('does not open when any byte of it was changed', () => {
    const sealed = box.seal('p', 's', 'value')
    for (const at of sealed.keys()) {
      const changed = Buffer.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => box.open('p', 's', changed), `byte ${at}`).toThrow(/cannot be opened/)
    }
  })

  test('does not open when it was cut, wherever', () => {
    const sealed = box.seal('p', 's', '')
    for (let length = 0; length < sealed.length; length++)
      expect(() => box.open('p', 's', sealed.subarray(0, length)), `length ${length}`).toThrow(/cannot be opened/)
  })

  test('tells nothing of the value when it does not open', () => {
    expect(() => box.open('q', 's', box.seal('p', 's', 'hunter2'))).not.toThrow(/hunter2/)
  })
})

describe('a new key', () => {
  const next = randomBytes(32)

  test('takes over what the old one sealed, for the same place only', async () => {
    const [both, alone] = [secretBox(await ringOf(next, key)), secretBox(await ringOf(next))]
    const old = box.seal('p', 's', 'value')
    expect(both.open('p', 's', old)).toBe('value')
    const moved = both.rewrap('p', 's', old)
    if (!moved) throw new Error('nothing was done')
    expect(alone.open('p', 's', moved)).toBe('value')
    expect(() => alone.open('q', 's', moved)).toThrow(/cannot be opened/)
    expect(both.rewrap('p', 's', moved)).toBeUndefined()
    expect(() => both.rewrap('q', 's', old)).toThrow(/authenticate/)
  })

  test('is named by what it sealed', async () => {
    const ring = await ringOf(next, key)
    expect(secretBox(ring).keyIdOf(secretBox(ring).seal('p', 's', 'v'))).toBe(ring.active.id)
    expect(box.keyIdOf(box.seal('p', 's', 'v'))).toBe(ring.all[1]?.id)
  })
})

test('what was sealed before there were envelopes opens, and becomes one', async () => {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(hkdfSync('sha256', key, '', 'davit secrets v1', 32)), nonce).setAAD(Buffer.from('["p","s"]'))
  const text = Buffer.concat([cipher.update('old value'), cipher.final()])
  const legacy = Buffer.concat([Buffer.of(1), nonce, cipher.getAuthTag(), text])
  const both = secretBox(await ringOf(randomBytes(32), key))
  expect(both.open('p', 's', legacy)).toBe('old value')
  expect(() => both.open('p', 't', legacy)).toThrow(/cannot be opened/)
  const moved = both.rewrap('p', 's', legacy)
  expect(moved && both.open('p', 's', moved)).toBe('old value')
})
