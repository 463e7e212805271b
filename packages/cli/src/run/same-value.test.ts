import { expect, test } from 'vitest'
import { holdsSpec, sameSpec, sameValue } from './same-value.ts'

test('values are the same whatever the order of their keys', () => {
  expect(sameValue({ a: 1, b: [1, { c: null }] }, { b: [1, {}], a: 1 })).toBe(true)
  expect(sameValue([1, 2], [2, 1])).toBe(false)
  expect(sameValue({ a: 1 }, [1])).toBe(false)
  expect(sameValue('1', 1)).toBe(false)
})

test('a stored function says the same when only empty fields differ', () => {
  expect(sameSpec({ image: 'a' }, { image: 'a', source: {}, args: [] })).toBe(true)
  expect(sameSpec({ image: 'a' }, { image: 'a', args: ['x'] })).toBe(false)
  expect(sameSpec({ image: 'a', args: ['x'] }, { image: 'a' })).toBe(false)
})

test('a sealed run holds what is wanted, whatever its function and task added', () => {
  expect(holdsSpec({ replicas: 2 }, { replicas: 2, image: 'a', task: 't' })).toBe(true)
  expect(holdsSpec({ replicas: 3 }, { replicas: 2 })).toBe(false)
})
