import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { interrupts } from './interrupt.ts'

const fakeProcess = () => {
  const exits: number[] = []
  return Object.assign(new EventEmitter(), { exits, exit: (code: number) => exits.push(code) })
}

test('the first Ctrl-C ends the signal, the second the process', () => {
  const process = fakeProcess()
  using interrupt = interrupts(process, undefined)
  process.emit('SIGINT')
  expect(interrupt.signal.reason).toMatchObject({ code: 'aborted' })
  expect(process.exits).toEqual([])
  process.emit('SIGINT')
  expect(process.exits).toEqual([130])
})

test('nothing stays behind', () => {
  const process = fakeProcess()
  interrupts(process, 1000)[Symbol.dispose]()
  expect(process.listenerCount('SIGINT')).toBe(0)
})

test('the time limit ends the signal with a timeout', async () => {
  using interrupt = interrupts(fakeProcess(), 1)
  await new Promise((resolve) => interrupt.signal.addEventListener('abort', resolve))
  expect(interrupt.signal.reason).toMatchObject({ code: 'timeout' })
})
