import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LeaseRepo } from '#store/leases.ts'
import { type Held, holding } from './hold.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const TTL_MS = 900

/** A database that gives a lease after so long and is away then. */
const slow = (ms: number) => {
  const lease = { run: { id: 'r' }, token: 1 }
  const leases = {
    acquire: async () => (await new Promise((resolve) => setTimeout(resolve, ms)), lease),
    extend: () => Promise.reject(new Error('away')),
    release: async () => undefined,
  }
  return leases as unknown as LeaseRepo // no more of it is used here
}

/** Work that goes on until its lease is lost, as it stands now. */
function working(leases: LeaseRepo): { readonly held: () => Held | undefined; readonly over: Promise<unknown> } {
  let held: Held | undefined
  const over = holding('r', { leases, ttlMs: TTL_MS, stop: new AbortController().signal }, async (given) => {
    held = given
    await new Promise((resolve) => given.signal.addEventListener('abort', resolve))
    return { lookInMs: 0 }
  })
  return { held: () => held, over }
}

test('a lease counts from before it was asked for, whatever somebody does to the clock of the machine', async () => {
  const { held, over } = working(slow(500))
  await vi.advanceTimersByTimeAsync(500)
  vi.setSystemTime(0)
  await vi.advanceTimersByTimeAsync(399)
  expect(held()?.signal.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(2)
  expect(String(held()?.signal.reason)).toContain('ran out')
  await over
})

test('nothing is done by a process that was stopped for longer than its lease, also before its timers have had their turn', async () => {
  const { held, over } = working(slow(0))
  await vi.advanceTimersByTimeAsync(0)
  expect(() => held()?.assert()).not.toThrow()
  expect(() => held()?.signal.throwIfAborted()).not.toThrow()
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + TTL_MS + 1)
  expect(held()?.signal.aborted).toBe(false)
  expect(() => held()?.signal.throwIfAborted()).toThrow('ran out')
  expect(() => held()?.assert()).toThrow('ran out')
  await over
})

test('a lease that is extended lasts, from each time that it was asked for', async () => {
  const leases = { ...slow(0), extend: async () => true } as LeaseRepo
  const { held } = working(leases)
  await vi.advanceTimersByTimeAsync(10 * TTL_MS)
  expect(held()?.signal.aborted).toBe(false)
})
