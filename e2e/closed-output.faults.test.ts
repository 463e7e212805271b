import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

const BIN = join(import.meta.dirname, '..', 'packages', 'cli', 'bin.cjs')

test('a server whose output nobody reads any more goes on, and still ends in order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dv-e2e-'))
  await chmod(folder, 0o711)
  const data = join(folder, 'data')
  const flags = ['server', '--listen', '127.0.0.1:0', '--data', data, '--engine', 'memory', '--ephemeral', '--log-level', 'debug']
  const server = spawn(process.execPath, [BIN, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(server, 'exit')
  try {
    server.stderr.resume()
    const [line] = await once(createInterface({ input: server.stdout }), 'line')
    const url = String(line).replace('ready ', '')
    server.stdout.destroy()
    server.stderr.destroy()
    for (let call = 0; call < 5; call++) expect((await fetch(`${url}/no/such/path`)).status).toBe(404)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    server.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(existsSync(data)).toBe(false)
  } finally {
    if (server.exitCode === null) server.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
})
