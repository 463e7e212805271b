import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { secretBox } from './secret-box.ts'

const key = randomBytes(32)
const box = secretBox(key)

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

  test('does not open with another key', () => {
    expect(() => secretBox(randomBytes(32)).open('p', 's', box.seal('p', 's', 'v'))).toThrow(/cannot be opened/)
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
