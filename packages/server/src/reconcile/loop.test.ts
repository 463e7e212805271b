import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { EngineTrouble } from '#domain/engine-trouble.ts'
import { type Again, createLoop } from './loop.ts'

/** A reconcile that waits to be let go, and tells what it was asked. */
const gate = () => {
  const calls: { readonly key: string; readonly failures: number; readonly end: (again?: Again) => void; readonly fail: (error: Error) => void }[] = []
  const reconcile = (key: string, failures: number): Promise<Again> =>
    new Promise((resolve, reject) => calls.push({ key, failures, end: (again) => resolve(again), fail: reject }))
  return { calls, reconcile, keys: () => calls.map(({ key }) => key) }
}
const errors: [string, unknown, number][] = []
const onError = (...told: [string, unknown, number]): void => void errors.push(told)

beforeEach(() => {
  errors.length = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => void vi.useRealTimers())

describe('an engine that asks for patience', () => {
  const afterFailing = async (retryAfterMs: number) => {
    const { calls, reconcile } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 1, backoff: () => 100 })
    loop.wake('a')
    calls[0]?.fail(new EngineTrouble(Object.assign(new Error('too many requests'), { retryAfterMs })))
    await turn()
    return { calls, loop }
  }

  test('gets it', async () => {
    const { calls } = await afterFailing(12_000)
    await vi.advanceTimersByTimeAsync(11_999)
    expect(calls).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(calls).toHaveLength(2)
  })

  test('gets no more than the longest pause, and none that a wake does not end', async () => {
    const { calls, loop } = await afterFailing(3_600_000)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(calls).toHaveLength(2)
    calls[1]?.fail(new EngineTrouble(Object.assign(new Error('too many requests'), { retryAfterMs: 20_000 })))
    await turn()
    loop.wake('a')
    expect(calls).toHaveLength(3)
  })
})

describe('a key', () => {
  test('is never worked on twice at once; wakes meanwhile are one more pass', async () => {
    const { calls, reconcile } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 4 })
    for (let i = 0; i < 5; i++) loop.wake('a')
    expect(calls).toHaveLength(1)
    calls[0]?.end()
    await turn()
    expect(calls).toHaveLength(2)
    calls[1]?.end()
    await turn()
    expect(calls).toHaveLength(2)
    expect(loop.size()).toBe(0)
  })

  test('is looked at again when it asked for it, not before', async () => {
    const { calls, reconcile } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 1 })
    loop.wake('a')
    calls[0]?.end(1000)
    await turn()
    await vi.advanceTimersByTimeAsync(999)
    expect(calls).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(calls).toHaveLength(2)
  })

  test('that is woken does not wait, and is not looked at a second time for the old wish', async () => {
    const { calls, reconcile } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 1 })
    loop.wake('a')
    calls[0]?.end(1000)
    await turn()
    loop.wake('a')
    calls[1]?.end()
    await turn()
    await vi.advanceTimersByTimeAsync(5000)
    expect(calls).toHaveLength(2)
  })

  test('that failed waits longer each time, is told its failures, and starts anew after a success', async () => {
    const { calls, reconcile } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 1, backoff: (failures) => failures * 100 })
    loop.wake('a')
    const fault = new Error('no')
    for (const [index, wait] of [100, 200].entries()) {
      calls[index]?.fail(fault)
      await turn()
      await vi.advanceTimersByTimeAsync(wait - 1)
      expect(calls).toHaveLength(index + 1)
      await vi.advanceTimersByTimeAsync(1)
    }
    expect(calls.map(({ failures }) => failures)).toEqual([0, 1, 2])
    expect(errors).toEqual([
      ['a', fault, 1],
      ['a', fault, 2],
    ])
    calls[2]?.end()
    await turn()
    loop.wake('a')
    expect(calls[3]?.failures).toBe(0)
  })

  test('that failed and is woken tries at once', async () => {
    const { calls, reconcile } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 1 })
    loop.wake('a')
    calls[0]?.fail(new Error('no'))
    await turn()
    loop.wake('a')
    expect(calls).toHaveLength(2)
  })

  test('without a pause of its own waits half a minute at most', async () => {
    const { calls, reconcile } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 1 })
    loop.wake('a')
    for (let index = 0; index < 20; index++) {
      calls[index]?.fail(new Error('no'))
      await turn()
      await vi.advanceTimersByTimeAsync(37_500)
      expect(calls).toHaveLength(index + 2)
    }
  })
})

describe('many keys', () => {
  test('are worked on as many at once as allowed, first come first served', async () => {
    const { calls, reconcile, keys } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 2 })
    for (const key of ['a', 'b', 'c', 'd']) loop.wake(key)
    expect(keys()).toEqual(['a', 'b'])
    expect(loop.size()).toBe(4)
    calls[1]?.end()
    await turn()
    expect(keys()).toEqual(['a', 'b', 'c'])
    calls[0]?.fail(new Error('no'))
    await turn()
    expect(keys()).toEqual(['a', 'b', 'c', 'd'])
  })

  test('a key that keeps being woken does not starve the others', async () => {
    const { calls, reconcile, keys } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 1 })
    loop.wake('a')
    loop.wake('b')
    loop.wake('a')
    calls[0]?.end()
    await turn()
    expect(keys()).toEqual(['a', 'b'])
  })
})

describe('a key that has time', () => {
  test('is worked on when no other waits, and leaves room for what may come', async () => {
    const { calls, reconcile, keys } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 4 })
    for (const key of ['a', 'b', 'c', 'd', 'e']) loop.wake(key)
    for (const call of calls.slice(0, 3)) call.end('when-idle')
    await turn()
    expect(keys()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(loop.size()).toBe(5)
    calls[3]?.end()
    await turn()
    expect(keys()).toEqual(['a', 'b', 'c', 'd', 'e', 'a'])
    calls[4]?.end()
    await turn()
    expect(keys()).toEqual(['a', 'b', 'c', 'd', 'e', 'a', 'b'])
  })

  test('is passed by one that somebody waits for', async () => {
    const { calls, reconcile, keys } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 1 })
    loop.wake('a')
    loop.wake('b')
    loop.wake('c', 'first')
    calls[0]?.end()
    await turn()
    expect(keys()).toEqual(['a', 'c'])
  })

  test('that is woken waits for nothing', async () => {
    const { calls, reconcile, keys } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 2 })
    for (const key of ['a', 'b', 'c']) loop.wake(key)
    calls[0]?.end('when-idle')
    await turn()
    loop.wake('a')
    calls[1]?.end()
    await turn()
    expect(keys()).toEqual(['a', 'b', 'c', 'a'])
    for (const call of calls.slice(2)) call.end()
    await turn()
    expect(loop.size()).toBe(0)
  })
})

describe('closing', () => {
  test('waits for what is under way and begins nothing new', async () => {
    const { calls, reconcile, keys } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 1 })
    loop.wake('a')
    loop.wake('a')
    loop.wake('b')
    let closed = false
    const closing = loop.close().then(() => (closed = true))
    await turn()
    expect(closed).toBe(false)
    calls[0]?.end(10)
    await closing
    loop.wake('c')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(keys()).toEqual(['a'])
  })

  test('a pause that was agreed is not kept', async () => {
    const { calls, reconcile } = gate()
    const loop = createLoop({ reconcile, onError, concurrency: 1 })
    loop.wake('a')
    calls[0]?.end(10)
    await turn()
    await loop.close()
    await vi.advanceTimersByTimeAsync(1000)
    expect(calls).toHaveLength(1)
  })
})
