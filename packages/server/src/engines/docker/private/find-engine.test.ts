import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { findEngine, parseDockerHost, usualSockets } from './find-engine.ts'

let dir = ''
beforeEach(async () => {
  const made = await mkdtemp(join(tmpdir(), 'davit-find-'))
  dir = made
  return () => rm(made, { recursive: true, force: true })
})

const listening = async (server: Server, where: string | number): Promise<Server> => {
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => void (typeof where === 'string' ? server.listen(where, resolve) : server.listen(where, '127.0.0.1', resolve)))
  return server
}

/** What an engine says to a ping. */
const engine = (status = 200) => createServer((request, answer) => void answer.writeHead(request.url === '/_ping' ? status : 404).end('OK'))

test('DOCKER_HOST may be a socket or a port', () => {
  expect(parseDockerHost('unix:///run/x.sock')).toEqual({ socketPath: '/run/x.sock' })
  expect(parseDockerHost('tcp://127.0.0.1:1234')).toEqual({ host: '127.0.0.1', port: 1234 })
  expect(parseDockerHost('tcp://engine')).toEqual({ host: 'engine', port: 2375 })
  expect(parseDockerHost('tcp://[::1]:9')).toEqual({ host: '::1', port: 9 })
})

test.each([
  ['ssh://ann@host', 'SSH', 'ssh -N -L'],
  ['tcp://host:2376', 'TLS', 'Forward the socket'],
  ['npipe:////./pipe/docker', 'no engine address', 'unix:///path'],
  ['/var/run/docker.sock', 'no engine address', 'unix:///path'],
  ['unix://', 'no engine address', 'unix:///path'],
])('DOCKER_HOST=%s is refused with what to write instead', (value, message, hint) => {
  expect(() => parseDockerHost(value)).toThrow(
    expect.objectContaining({ code: 'invalid', path: 'DOCKER_HOST', message: expect.stringContaining(message), hint: expect.stringContaining(hint) }),
  )
})

test('sockets are asked in the order: system, user, rootless, Podman', () => {
  expect(usualSockets({ home: '/h', runtimeDir: '/run/user/7', uid: 7 })).toEqual([
    '/var/run/docker.sock',
    '/h/.docker/run/docker.sock',
    '/run/user/7/docker.sock',
    '/run/user/7/podman/podman.sock',
    '/run/podman/podman.sock',
  ])
  expect(usualSockets({ uid: 0 })).toEqual(['/var/run/docker.sock', '/run/podman/podman.sock'])
  expect(usualSockets({ uid: 5 })).toContain('/run/user/5/podman/podman.sock')
})

test('DOCKER_HOST that answers is used', async () => {
  const server = await listening(engine(), 0)
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  expect(await findEngine({ dockerHost: `tcp://127.0.0.1:${port}` })).toEqual({ engine: { host: '127.0.0.1', port, origin: 'DOCKER_HOST' }, tried: [] })
})

test('DOCKER_HOST that does not answer is an error, not another engine', async () => {
  await expect(findEngine({ dockerHost: `unix://${dir}/none.sock` })).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('ENOENT') })
})

test('the first usual socket that answers is the engine; who hangs or fails is named with the reason', async () => {
  await listening(engine(), join(dir, 'sick.sock'))
  const silent = await listening(
    createServer(() => undefined),
    join(dir, 'docker.sock'),
  )
  const { mkdir } = await import('node:fs/promises')
  await mkdir(join(dir, 'podman'))
  await listening(engine(), join(dir, 'podman/podman.sock'))
  const found = await findEngine({ runtimeDir: dir, home: '/no/home', uid: 1, timeout: 1_500 })
  expect(silent.listening).toBe(true)
  // A machine may have an engine of the system, which comes first.
  if (found.engine?.origin === '/var/run/docker.sock') return
  expect(found.engine).toEqual({ socketPath: join(dir, 'podman/podman.sock'), origin: join(dir, 'podman/podman.sock') })
  expect(found.tried).toContainEqual({ where: join(dir, 'docker.sock'), why: 'no answer within 1500 ms' })
})
