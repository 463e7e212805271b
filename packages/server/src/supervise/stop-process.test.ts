import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { identify } from './process-identity.ts'
import { signalProcess, stopProcess } from './stop-process.ts'

const start = async (script: string) => {
  const child = spawn('/bin/sh', ['-c', `${script}; echo up; while :; do sleep 0.05; done`], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

test('the first signal is enough for a process that obeys', async () => {
  const child = await start(':')
  const exit = once(child, 'exit')
  expect(await stopProcess(child.pid ?? 0, [['SIGTERM', 5_000]])).toBe(true)
  expect(await exit).toEqual([null, 'SIGTERM'])
})

test('one that ignores it gets the next', async () => {
  const child = await start("trap '' TERM")
  const exit = once(child, 'exit')
  const stages = [
    ['SIGTERM', 100],
    ['SIGKILL', 5_000],
  ] as const
  expect(await stopProcess(child.pid ?? 0, stages)).toBe(true)
  expect(await exit).toEqual([null, 'SIGKILL'])
})

test('a stranger that wears the pid gets no signal', async () => {
  const child = await start(':')
  const target = identify(child.pid ?? 0)
  expect(target && signalProcess({ ...target, started: 'another time' }, 'SIGKILL')).toBe(false)
  expect(child.exitCode).toBeNull()
})

test('somebody who is gone is stopped', async () => {
  expect(await stopProcess(2 ** 30, [['SIGTERM', 10]])).toBe(true)
})
