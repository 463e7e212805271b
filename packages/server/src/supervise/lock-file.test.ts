import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { lockDataFolder } from './data-lock.ts'
import { tryLock, withLock } from './lock-file.ts'
import { self } from './process-identity.ts'
import { sleep } from './wait-until.ts'

let dir = ''
beforeEach(async () => {
  const made = await mkdtemp(join(tmpdir(), 'davit-lock-'))
  dir = made
  return () => rm(made, { recursive: true, force: true })
})

const conflict = (text: string) => expect.objectContaining({ code: 'conflict', message: expect.stringContaining(text) })

/** Another process that takes the lock of `dir`, says so and stays. */
const otherHolder = async () => {
  const script = `
    import { lockDataFolder } from '${new URL('./data-lock.ts', import.meta.url)}'
    const lock = await lockDataFolder(${JSON.stringify(dir)})
    await lock.setUrl('http://127.0.0.1:4321')
    console.log('held')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--conditions=@davit/source', '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

test('a second server learns pid and URL of the one that has the folder', async () => {
  const other = await otherHolder()
  await expect(lockDataFolder(dir)).rejects.toEqual(conflict(`(pid ${other.pid}) at http://127.0.0.1:4321`))
})

test('a killed server holds nothing', async () => {
  const other = await otherHolder()
  const ended = once(other, 'exit')
  other.kill('SIGKILL')
  await ended
  await using lock = await lockDataFolder(dir)
  expect(JSON.parse(await readFile(lock.path, 'utf8'))).toMatchObject(self())
})

test('a lock whose pid another process wears now is taken over', async () => {
  await writeFile(join(dir, 'server.lock'), JSON.stringify({ ...self(), started: 'long ago', token: 'x' }))
  await using lock = await lockDataFolder(dir)
  await expect(lockDataFolder(dir)).rejects.toEqual(conflict(`(pid ${process.pid})`))
  await lock.setUrl('http://127.0.0.1:1')
  await expect(lockDataFolder(dir)).rejects.toEqual(conflict('http://127.0.0.1:1'))
})

test('a file that is no lock holds nothing', async () => {
  await writeFile(join(dir, 'server.lock'), '')
  await using lock = await lockDataFolder(dir)
  expect(lock.path).toBe(join(dir, 'server.lock'))
})

test('of many that find a dead holder at once exactly one gets the lock, and no other file stays', async () => {
  const path = join(dir, 'x.lock')
  await writeFile(path, JSON.stringify({ ...self(), started: 'long ago', token: 'dead' }))
  const attempts = await Promise.all(Array.from({ length: 30 }, () => tryLock(path)))
  expect(attempts.filter((attempt) => 'lock' in attempt)).toHaveLength(1)
  expect(await readdir(dir)).toEqual(['x.lock'])
})

test('an heir that died while it took over is replaced, too', async () => {
  const path = join(dir, 'x.lock')
  await writeFile(path, JSON.stringify({ ...self(), started: 'long ago', token: 'dead' }))
  const attempt = await tryLock(path)
  expect(attempt).toHaveProperty('lock')
  // What a dead heir leaves: its right to inherit this very text.
  const dead = JSON.stringify({ ...self(), started: 'long ago', token: 'dead again' })
  const { createHash } = await import('node:crypto')
  await writeFile(path, dead)
  await writeFile(`${path}.${createHash('sha256').update(dead).digest('hex').slice(0, 12)}`, JSON.stringify({ ...self(), started: 'long ago', token: 'heir' }))
  expect(await tryLock(path)).toHaveProperty('lock')
  expect(await readdir(dir)).toEqual(['x.lock'])
})

test('released, it is free; released twice, the next holder keeps it', async () => {
  const first = await lockDataFolder(dir)
  await first.release()
  await using second = await lockDataFolder(dir)
  await first.release()
  await expect(lockDataFolder(dir)).rejects.toEqual(conflict('uses the data folder'))
  expect(second.path).toBe(first.path)
})

test('work under a lock never overlaps', async () => {
  let inside = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++inside)
    await sleep(5)
    inside--
  }
  await Promise.all(Array.from({ length: 5 }, () => withLock(join(dir, 'w.lock'), work)))
  expect(most).toBe(1)
  expect(await readdir(dir)).toEqual([])
})

test('waiting for a lock ends with the signal', async () => {
  await using _lock = await lockDataFolder(dir)
  const waiting = withLock(join(dir, 'server.lock'), () => Promise.resolve(), { signal: AbortSignal.timeout(100) })
  await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
})
