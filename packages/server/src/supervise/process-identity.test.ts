import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { identify, isAlive, parseStat, self } from './process-identity.ts'
import { commandLine } from './process-table.ts'
import { waitUntil } from './wait-until.ts'

test('a process name with blanks and parentheses does not confuse the reading', () => {
  const fields = ['S', '7', ...Array.from({ length: 15 }, () => '0'), '3', '0', '4242', '0']
  expect(parseStat(`12 (a) b (c)) ${fields.join(' ')}`)).toEqual({ name: 'a) b (c)', state: 'S', parent: 7, threads: 3, started: '4242' })
})

test('this process is alive, and another that wears its pid later is not it', () => {
  expect(isAlive(self())).toBe(true)
  expect(isAlive({ ...self(), started: 'another time' })).toBe(false)
})

test.each([0, -1, 1.5, Number.NaN, 2 ** 30])('%s is nobody', (pid) => {
  expect(identify(pid)).toBeUndefined()
})

test('a dead child that its parent has not reaped counts as dead', async () => {
  // The shell becomes `sleep`, which never waits for the child that it inherited.
  const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [line]: unknown[] = await once(parent.stdout, 'data')
  const child = identify(Number(String(line)))
  expect(child).toBeDefined()
  expect(await waitUntil(() => parent.pid && commandLine(parent.pid)?.[0] === 'sleep', { timeout: 5_000 })).toBe(true)
  if (child) process.kill(child.pid, 'SIGKILL')
  expect(await waitUntil(() => child && !isAlive(child), { timeout: 5_000 })).toBe(true)
  expect(child && process.kill(child.pid, 0)).toBe(true) // not reaped: its pid is still taken
})
