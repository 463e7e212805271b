import { expect, test } from 'vitest'
import { keepRunning, type Running } from './keep-running.ts'
import { silentLog } from './log.ts'
import { waitUntil } from './wait-until.ts'

interface Fake extends Running {
  readonly number: number
  end(): void
}

/** Starts numbered fakes; `failing` says which starts fail. */
const factory = (failing: (number: number) => boolean = () => false) => {
  const state = { starts: 0, stopped: [] as number[] }
  const start = async (signal: AbortSignal): Promise<Fake> => {
    signal.throwIfAborted()
    const number = ++state.starts
    if (failing(number)) throw new Error(`start ${number} fails`)
    const { promise, resolve } = Promise.withResolvers<string>()
    const stop = async () => {
      state.stopped.push(number)
      resolve('stopped')
    }
    return { number, ended: promise, end: () => resolve('killed'), stop }
  }
  return { state, start }
}

const options = { name: 'it', log: silentLog, backOff: () => 1 }
const until = (check: () => boolean) => waitUntil(check, { timeout: 5_000 })

test('what ends by itself is started again, and again', async () => {
  const { start, state } = factory()
  const kept = await keepRunning({ ...options, start })
  for (const next of [2, 3]) {
    kept.current().end()
    expect(await until(() => kept.current().number === next)).toBe(true)
  }
  await kept.stop()
  expect(state).toEqual({ starts: 3, stopped: [3] })
})

test('restarts that fail are tried again with growing back-off', async () => {
  const { start } = factory((number) => number > 1 && number < 5)
  const waits: number[] = []
  const backOff = (failures: number) => {
    waits.push(failures)
    return 1
  }
  const kept = await keepRunning({ ...options, start, backOff })
  kept.current().end()
  expect(await until(() => kept.current().number === 5)).toBe(true)
  expect(waits).toEqual([1, 2, 3, 4])
  await kept.stop()
})

test('a first start that fails is the error of the caller', async () => {
  const { start } = factory(() => true)
  await expect(keepRunning({ ...options, start })).rejects.toThrow('start 1 fails')
})

test('stop during the back-off ends it, with no further start', async () => {
  const { start, state } = factory()
  const kept = await keepRunning({ ...options, start, backOff: () => 60_000 })
  kept.current().end()
  await kept.current().ended
  await kept.stop()
  await kept.stop()
  expect(state.starts).toBe(1)
})

test('an aborted signal stops it', async () => {
  const { start, state } = factory()
  const abort = new AbortController()
  const kept = await keepRunning({ ...options, start, signal: abort.signal })
  abort.abort()
  await kept.stopped
  expect(state).toEqual({ starts: 1, stopped: [1] })
})
