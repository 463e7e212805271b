import { expect, test } from 'vitest'
import { createLanes } from './lanes.ts'

const all = (lanes: ReturnType<typeof createLanes>, idle = true): string[] => {
  const keys: string[] = []
  for (let key = lanes.take({ idle }); key !== undefined; key = lanes.take({ idle })) keys.push(key)
  return keys
}

test('what somebody waits for comes first, but not every time', () => {
  const lanes = createLanes()
  for (const key of ['n1', 'n2']) lanes.put(key, 'next')
  for (const key of ['f1', 'f2', 'f3', 'f4', 'f5']) lanes.put(key, 'first')
  expect(all(lanes)).toEqual(['f1', 'f2', 'f3', 'n1', 'f4', 'f5', 'n2'])
})

test('what has time is taken only when nothing else waits, and not where there is no room for it', () => {
  const lanes = createLanes()
  lanes.put('later', 'idle')
  lanes.put('now', 'next')
  expect(all(lanes, false)).toEqual(['now'])
  expect(lanes.size()).toBe(1)
  expect(all(lanes)).toEqual(['later'])
})

test('a key waits once, in the best lane that it was put into', () => {
  const lanes = createLanes()
  lanes.put('a', 'idle')
  lanes.put('a', 'next')
  lanes.put('b', 'next')
  lanes.put('b', 'first')
  lanes.put('b', 'idle')
  expect(lanes.size()).toBe(2)
  expect(all(lanes)).toEqual(['b', 'a'])
})
