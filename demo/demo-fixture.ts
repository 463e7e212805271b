import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { cacheFolder } from '../testbed/images/index.ts'
import { root } from '../tools/command.ts'

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

const start = (data: string, args: readonly string[]) => {
  const child = spawn(process.execPath, [join(root, 'tools/launch.mjs'), 'demo', '--data', data, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
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

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** A place for one demo at a time. */
export const demoPlace = () => {
  mkdirSync(cacheFolder(), { recursive: true })
  const folder = mkdtempSync(join(cacheFolder(), 't-'))
  chmodSync(folder, 0o711) // the database's account must pass through
  const data = join(folder, 'demo')
  let running: ChildProcess | undefined
  /** Whether a process or the data of the demo is still there. */
  const isBusy = (): boolean => existsSync(data) || commandLines().some((line) => line.includes(data))
  return {
    /** The demo as `npm run demo` starts it, without a terminal. */
    startDemo: (...args: readonly string[]) => {
      const demo = start(data, args)
      running = demo.child
      return demo
    },
    isBusy,
    expectNothingLeft: (): void => {
      expect(commandLines().filter((line) => line.includes(data))).toEqual([])
      expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(data)
      expect(existsSync(data)).toBe(false)
    },
    close: async (): Promise<void> => {
      if (running) await end(running)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What the story shows, whatever its containers run on. */
export const expectWholeStory = ({ code, output }: { readonly code: number | null; readonly output: string }): void => {
  expect(output).toContain('Hello from a container')
  expect(output).toContain('COMPLETED, exit code 0')
  expect(output).toContain('<h1>Served by a container</h1>')
  expect(output).toContain('STOPPED')
  expect(output).toContain('ERROR, exit code 3')
  expect(output).toContain('input.csv: no such file')
  expect(output).toContain('localhost/davit/no-such-image:1')
  expect(output).toMatch(/FUNCTION +ACTION +STATE/)
  expect({ code, output }).toMatchObject({ code: 0 })
}
