import { expect, test } from 'vitest'
import { waitingLine } from './waiting-line.ts'

test('so much goes on at once, in the order it came, and whoever finds the line full is told', async () => {
  const line = waitingLine({ atOnce: 2, waiting: 2, full: () => new Error('full') })
  const ends: (() => void)[] = []
  const begun: number[] = []
  const work = (n: number) =>
    line(async () => {
      begun.push(n)
      await new Promise<void>((resolve) => ends.push(resolve))
      return n
    })
  const all = [1, 2, 3, 4].map(work)
  await expect(work(5)).rejects.toThrow('full')
  expect(begun).toEqual([1, 2])
  for (let ended = 0; ended < 4; ended++) {
    await expect.poll(() => ends.length).toBeGreaterThan(ended)
    ends[ended]?.()
  }
  expect(await Promise.all(all)).toEqual([1, 2, 3, 4])
  expect(begun).toEqual([1, 2, 3, 4])
})

test('work that fails makes room too', async () => {
  const line = waitingLine({ atOnce: 1, waiting: 0, full: () => new Error('full') })
  await expect(line(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await line(async () => 'next')).toBe('next')
})
