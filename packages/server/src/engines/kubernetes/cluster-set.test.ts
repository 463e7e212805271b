import { expect, test, vi } from 'vitest'
import { clusterSet } from './cluster-set.ts'

const opened = { close: async () => undefined }

/** A set of one cluster whose tries end as the test says, by a clock that the test sets. */
function given() {
  const clock = { ms: 0 }
  const tries: PromiseWithResolvers<typeof opened>[] = []
  const open = vi.fn<() => Promise<typeof opened>>(() => {
    tries.push(Promise.withResolvers())
    return (tries.at(-1) ?? Promise.withResolvers<typeof opened>()).promise
  })
  return { clock, tries, open, set: clusterSet(['a'], open, () => clock.ms) }
}

test('all that ask for a cluster which was never tried wait for one try', async () => {
  const { tries, open, set } = given()
  const asked = [set.get(), set.get('a')]
  tries[0]?.resolve(opened)
  expect(await Promise.all(asked)).toEqual([opened, opened])
  expect(set.known()).toBe(opened)
  expect(open).toHaveBeenCalledTimes(1)
})

test('a cluster that could not be opened keeps nobody waiting: they are told so, while it is tried again behind them', async () => {
  const { clock, tries, open, set } = given()
  const first = set.get()
  tries[0]?.reject(new Error('no route'))
  await expect(first).rejects.toThrow('no route')
  for (let asked = 0; asked < 50; asked++) await expect(set.get()).rejects.toThrow('no route')
  expect(open).toHaveBeenCalledTimes(1)
  clock.ms = 2001
  for (let asked = 0; asked < 50; asked++) await expect(set.get()).rejects.toThrow('no route')
  expect(open).toHaveBeenCalledTimes(2)
  expect(set.known()).toBeUndefined()
  tries[1]?.resolve(opened)
  await vi.waitFor(async () => expect(await set.get()).toBe(opened), { timeout: 10_000 })
  expect(open).toHaveBeenCalledTimes(2)
})

test('whoever waits for it however long it takes gets it', async () => {
  const { tries, set } = given()
  const end = new AbortController()
  const got = Promise.withResolvers<unknown>()
  set.each(end.signal, (one) => {
    got.resolve(one)
    return () => undefined
  })
  tries[0]?.reject(new Error('no route'))
  await vi.waitFor(() => expect(tries).toHaveLength(2), { timeout: 5000 })
  tries[1]?.resolve(opened)
  expect(await got.promise).toBe(opened)
  end.abort()
})
