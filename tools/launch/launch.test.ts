import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'

/** A repository with our launcher, one dependency, a tool that a test writes, and an npm that a test writes. */
let repository = ''
const children: ChildProcess[] = []

const write = (file: string, text: string): void => {
  mkdirSync(join(repository, file, '..'), { recursive: true })
  writeFileSync(join(repository, file), text)
}
const read = (file: string): string => readFileSync(join(repository, file), 'utf8')

const npm = (script: string): void => {
  write('bin/npm', `#!/bin/sh\n${script}\n`)
  chmodSync(join(repository, 'bin/npm'), 0o755)
}

const INSTALLS = `echo installed >> calls; sleep 0.3; mkdir -p node_modules`

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'davit-launch-'))
  mkdirSync(join(repository, 'bin'))
  symlinkSync('/bin/sh', join(repository, 'bin/sh'))
  cpSync(import.meta.dirname, join(repository, 'tools/launch'), { recursive: true })
  cpSync(join(import.meta.dirname, '../launch.mjs'), join(repository, 'tools/launch.mjs'))
  write('package.json', '{"type":"module"}')
  write('package-lock.json', '{"packages":{"":{},"node_modules/a":{"version":"1.0.0"}}}')
  npm(INSTALLS)
})

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  rmSync(repository, { recursive: true, force: true })
})

const launch = (tool: string, ...args: string[]) => {
  const env = { PATH: `${join(repository, 'bin')}:/usr/bin:/bin` }
  const child = spawn(process.execPath, [join(repository, 'tools/launch.mjs'), tool, ...args], { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const ended = once(child, 'close').then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null, output }))
  const says = async (text: string): Promise<void> => {
    while (!output.includes(text)) await sleep(10)
  }
  return { child, ended, says }
}

test('a tool gets its arguments, and its exit code is the launch’s', async () => {
  write('demo/main.ts', 'console.log(JSON.stringify(process.argv.slice(2)))\nprocess.exitCode = 7')
  const { code, output } = await launch('demo', 'a b', '--flag').ended
  expect({ code, output }).toMatchObject({ code: 7, output: expect.stringContaining('["a b","--flag"]') })
})

test('the dependencies are installed once, and again when the lockfile changes', async () => {
  write('demo/main.ts', '')
  await launch('demo').ended
  await launch('demo').ended
  expect(read('calls')).toBe('installed\n')
  write('package-lock.json', '{"packages":{"":{},"node_modules/a":{"version":"2.0.0"}}}')
  await launch('demo').ended
  expect(read('calls')).toBe('installed\ninstalled\n')
})

test('two launches at once install once', async () => {
  write('demo/main.ts', 'console.log("ran")')
  const ends = await Promise.all([launch('demo').ended, launch('demo').ended])
  expect(ends.map(({ code }) => code)).toEqual([0, 0])
  expect(read('calls')).toBe('installed\n')
})

test('the lock of a launch that was killed is no obstacle', async () => {
  write('demo/main.ts', '')
  const dead = spawn(process.execPath, ['-e', ''])
  await once(dead, 'exit')
  write('.davit/install.lock', String(dead.pid))
  expect(await launch('demo').ended).toMatchObject({ code: 0 })
})

test('what was installed by hand is not installed again', async () => {
  write('demo/main.ts', '')
  write('node_modules/.package-lock.json', '{"packages":{"node_modules/a":{"version":"1.0.0"}}}')
  expect(await launch('demo').ended).toMatchObject({ code: 0 })
  expect(() => read('calls')).toThrow('ENOENT')
})

test('a registry that cannot be reached is said, with the log left to read', async () => {
  npm('echo "npm error code ENOTFOUND"; exit 1')
  const { code, output } = await launch('demo').ended
  expect(code).toBe(1)
  expect(output).toContain('could not install the dependencies: the package registry cannot be reached\nnpm error code ENOTFOUND')
  expect(read('.davit/install.log')).toContain('ENOTFOUND')
})

test('a failed install is tried again by the next launch', async () => {
  write('demo/main.ts', '')
  npm('exit 1')
  expect(await launch('demo').ended).toMatchObject({ code: 1, output: expect.stringContaining('npm ci failed with exit code 1') })
  npm(INSTALLS)
  expect(await launch('demo').ended).toMatchObject({ code: 0 })
})

test('a missing npm is said', async () => {
  rmSync(join(repository, 'bin/npm'))
  const child = spawn(process.execPath, [join(repository, 'tools/launch.mjs'), 'demo'], {
    env: { PATH: join(repository, 'bin') },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  children.push(child)
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'close')
  expect(output).toContain('npm is missing')
})

test('a tool that does not exist is answered with those that do', async () => {
  const { code, output } = await launch('tests').ended
  expect(code).toBe(2)
  expect(output).toContain('one of: demo, test, check')
})

test('a Ctrl-C that arrives twice, as under npm on a terminal, reaches the tool once', async () => {
  write(
    'demo/main.ts',
    "let count = 0\nprocess.on('SIGINT', () => { count++; setTimeout(() => { console.log('got ' + count); process.exit(130) }, 300) })\nsetInterval(() => {}, 1000)\nconsole.log('up')",
  )
  const { child, ended, says } = launch('demo')
  await says('up')
  child.kill('SIGINT')
  await sleep(20)
  child.kill('SIGINT')
  expect(await ended).toMatchObject({ code: 130, output: expect.stringContaining('got 1\n') })
})

test('a tool that dies of a signal gives the launch the same end', async () => {
  write('demo/main.ts', "process.kill(process.pid, 'SIGKILL')\nsetInterval(() => {}, 1000)")
  expect(await launch('demo').ended).toMatchObject({ code: null, signal: 'SIGKILL' })
})

test('what a crashed tool left running is ended', async () => {
  write(
    'demo/main.ts',
    "import { spawn } from 'node:child_process'\nconst { pid } = spawn('sleep', ['1000'], { stdio: 'ignore' })\nconsole.log('pid ' + pid)\nsetTimeout(() => process.exit(3), 100)",
  )
  const { code, output } = await launch('demo').ended
  expect(code).toBe(3)
  const pid = Number(/pid (\d+)/.exec(output)?.[1])
  expect(isRunning(pid)).toBe(false)
})

test('a tool learns that its launcher was killed', async () => {
  write(
    'demo/main.ts',
    "import { writeFileSync } from 'node:fs'\nprocess.once('disconnect', () => { writeFileSync('told', ''); process.exit() })\nconsole.log('up')",
  )
  const { child, ended, says } = launch('demo')
  await says('up')
  child.kill('SIGKILL')
  await ended
  expect(read('told')).toBe('')
})

/** Ended processes whose parent has not asked for them yet count as ended. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
