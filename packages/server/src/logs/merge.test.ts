import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createMerge } from './merge.ts'

async function* of<T>(...values: readonly T[]): AsyncGenerator<T> {
  yield* values
}
const all = async <T>(values: AsyncIterable<T>): Promise<T[]> => {
  const got: T[] = []
  for await (const value of values) got.push(value)
  return got
}

describe('values of several sources', () => {
  test('all come, each source in its own order', async () => {
    const merge = createMerge<string>()
    merge.add(of('a1', 'a2', 'a3'))
    merge.add(of('b1', 'b2'))
    merge.seal()
    const got = await all(merge.values())
    expect(got.filter((value) => value.startsWith('a'))).toEqual(['a1', 'a2', 'a3'])
    expect(got.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2'])
  })

  test('of no source end at once', async () => {
    const merge = createMerge<number>()
    merge.seal()
    expect(await all(merge.values())).toEqual([])
  })

  test('wait for sources that come later, until sealed', async () => {
    const merge = createMerge<number>()
    merge.add(of(1))
    const got = all(merge.values())
    await turn()
    merge.add(of(2))
    await turn()
    merge.add(of(3))
    merge.seal()
    expect(await got).toEqual([1, 2, 3])
  })

  test('come before the error of the source that broke', async () => {
    const merge = createMerge<number>()
    merge.add(
      (async function* () {
        yield 1
        throw new Error('broken')
      })(),
    )
    merge.seal()
    const values = merge.values()
    expect(await values.next()).toEqual({ done: false, value: 1 })
    await expect(values.next()).rejects.toThrow('broken')
  })
})

describe('a source', () => {
  const counting = () => {
    const count = { given: 0, ended: false }
    async function* source() {
      try {
        for (; count.given < 1000; ) yield ++count.given
      } finally {
        count.ended = true
      }
    }
    return { count, source }
  }

  test('waits when nobody takes, and loses nothing by it', async () => {
    const { count, source } = counting()
    const merge = createMerge<number>()
    merge.add(source())
    merge.seal()
    for (let i = 0; i < 50; i++) await turn()
    expect(count.given).toBeLessThan(20)
    expect(await all(merge.values())).toHaveLength(1000)
  })

  test('is ended when its taker leaves', async () => {
    const { count, source } = counting()
    const merge = createMerge<number>()
    merge.add(source())
    for await (const value of merge.values()) if (value === 3) break
    for (let i = 0; i < 10; i++) await turn()
    expect(count).toMatchObject({ ended: true })
    expect(count.given).toBeLessThan(30)
  })
})
