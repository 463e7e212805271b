import { expect, test } from 'vitest'
import { findProgram, runProgram } from './program.ts'

test('output, exit code and whole lines come back', async () => {
  const lines: string[] = []
  const result = await runProgram('/bin/sh', ['-c', 'printf "a\\nb"; printf "c\\nrest"; echo oops >&2; exit 3'], { onLine: (line) => lines.push(line) })
  expect(result).toEqual({ code: 3, stdout: 'a\nbc\nrest', stderr: 'oops\n' })
  expect(lines).toEqual(['a', 'bc'])
})

test('a program that is not there is code 127', async () => {
  expect(await runProgram('/no/such/program', [])).toMatchObject({ code: 127 })
})

test('an aborted signal ends it with its reason', async () => {
  const reason = new Error('enough')
  const abort = new AbortController()
  const running = runProgram('/bin/sh', ['-c', 'exec sleep 60'], { signal: abort.signal })
  abort.abort(reason)
  await expect(running).rejects.toBe(reason)
})

test('programs are found on the PATH; shell words are not programs', async () => {
  expect(await findProgram('sh')).toMatch(/\/sh$/)
  expect(await findProgram('no-such-program-here')).toBeUndefined()
  expect(await findProgram('cd')).toBeUndefined()
})
