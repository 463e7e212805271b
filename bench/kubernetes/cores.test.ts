import { expect, test } from 'vitest'
import { coresOf, halves } from './cores.ts'

test('the cores of a machine are read as the kernel writes them, and shared out in halves', () => {
  expect(coresOf('0-2,5\n')).toEqual([0, 1, 2, 5])
  expect(coresOf('3')).toEqual([3])
  expect(halves([0, 1, 2, 5])).toEqual({ cluster: '0,1', user: '2,5' })
  expect(halves([0, 1])).toEqual({ cluster: '0', user: '1' })
})

test('one core is shared', () => {
  expect(halves([0])).toBeUndefined()
})
