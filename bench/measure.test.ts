import { expect, test } from 'vitest'
import { inParallel, interleaved, median, p95 } from './measure.ts'

test('the median of an even number of values lies between both middle ones', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5])
  expect(p95(Array.from({ length: 100 }, (_, index) => index))).toBe(95)
})

test('interleaved work takes turns, changes who goes first, and does not count the warm-up', async () => {
  const order: string[] = []
  const note = (who: string) => async () => void order.push(who)
  const times = await interleaved(2, note('ours'), note('raw'))
  expect(order).toEqual(['raw', 'ours', 'ours', 'raw', 'raw', 'ours'])
  expect([times.ours.length, times.raw.length]).toEqual([2, 2])
})

test('parallel work is done once each, by no more workers than wanted', async () => {
  const seen: number[] = []
  let [now, most] = [0, 0]
  await inParallel(3, 10, async (index) => {
    most = Math.max(most, ++now)
    await Promise.resolve()
    seen.push(index)
    now--
  })
  expect(seen.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(most).toBe(3)
})
