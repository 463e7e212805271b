import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cacheFolder } from '../testbed/images/index.ts'
import { root } from '../tools/command.ts'

let folder = ''
let data = ''
let running: ChildProcess | undefined

beforeEach(() => {
  mkdirSync(cacheFolder(), { recursive: true })
  folder = mkdtempSync(join(cacheFolder(), 't-'))
  chmodSync(folder, 0o711) // the database's account must pass through
  data = join(folder, 'demo')
})

afterEach(async () => {
  if (running && running.exitCode === null && running.signalCode === null) {
    running.kill('SIGTERM')
    await once(running, 'exit')
  }
  rmSync(folder, { recursive: true, force: true })
})

/** The demo as `npm run demo` starts it, without a terminal. */
const startDemo = () => {
  const child = spawn(process.execPath, [join(root, 'tools/launch.mjs'), 'demo', '--data', data], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  running = child
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }))
  const says = async (text: string): Promise<void> => {
    while (!output.includes(text)) {
      if (child.exitCode !== null) throw new Error(`the demo ended before it said "${text}":\n${output}`)
      await sleep(20)
    }
  }
  return { child, ended, says }
}

const commandLines = (): string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })

const expectNothingLeft = (): void => {
  expect(commandLines().filter((line) => line.includes(data))).toEqual([])
  expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(data)
  expect(existsSync(data)).toBe(false)
}

test('the demo tells its whole story, cleans up and ends with 0', async () => {
  const { code, output } = await startDemo().ended
  expect(output).toContain('Hello from a container')
  expect(output).toContain('COMPLETED, exit code 0')
  expect(output).toContain('<h1>Served by a container</h1>')
  expect(output).toContain('STOPPED')
  expect(output).toContain('ERROR, exit code 3')
  expect(output).toContain('input.csv: no such file')
  expect(output).toContain('localhost/davit/no-such-image:1')
  expect(output).toMatch(/FUNCTION +ACTION +STATE/)
  expect({ code, output }).toMatchObject({ code: 0 })
  expectNothingLeft()
})

const MOMENTS = [
  'building',
  'starting the server',
  'the server answers',
  "function-container.run('job')",
  "function-page.run('serve')",
  "function-worker.run('deploy')",
]

test.each(MOMENTS)('a Ctrl-C right after "%s" leaves nothing behind', async (moment) => {
  const { child, ended, says } = startDemo()
  await says(moment)
  child.kill('SIGINT')
  const { code, output } = await ended
  expect({ code, output }).toMatchObject({ code: 130 })
  expectNothingLeft()
})

test('a demo whose launcher is killed cleans up as well', async () => {
  const { child, says } = startDemo()
  await says("function-page.run('serve')")
  child.kill('SIGKILL')
  const deadline = performance.now() + 60_000
  while ((existsSync(data) || commandLines().some((line) => line.includes(data))) && performance.now() < deadline) await sleep(100)
  expectNothingLeft()
})
