import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RunHandle, RunParameters } from 'davit'
import { expect, onTestFinished, test } from 'vitest'
import { startPrivateEngine } from '../packages/server/src/engines/docker/private/start-private-engine.ts'
import { silentLog } from '../packages/server/src/supervise/log.ts'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { cacheFolder } from '../testbed/images/index.ts'
import { engineScene } from './support/fault-scene.ts'
import { closeFolder, newFolder, shell, testHouse, web, WEB_PORTS } from './support/house.ts'
import { loadImage } from './support/test-engine.ts'
import Docker from 'dockerode'

const scene = engineScene()

const imageOf = (image: string) => scene.project.newFunction({ name: 'image', kind: 'container', image })
const listener = async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port // a TCP server's address is never a string
}
const shows = (run: RunHandle, code: string, timeout = 60_000) => waitUntil(async () => (await run.refresh()).verdict?.code === code, { timeout, every: 100 })
const job = async (script: string, parameters: RunParameters = {}) =>
  (await (await shell(scene.project, script)).run('job', parameters)).wait({ timeoutMs: 60_000 })

test('a node port that is taken is an error that names the port', async () => {
  const port = await listener()
  const run = await (await web(scene.project)).run('serve', { service_ports: [{ port: 8085, target_port: 8501, node_port: port }], service_type: 'NodePort' })
  await run.wait({ timeoutMs: 30_000 })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'node-port-taken' } })
  expect(JSON.stringify(run.verdict)).toContain(String(port))
  expect(await scene.engine.containersOf(run.id)).toEqual([])
})

test('an image of a registry that does not answer has its verdict within 15 seconds, with image and reason', async () => {
  const began = performance.now()
  const run = await (await imageOf('127.0.0.1:1/team/app:1')).run('job')
  expect(await shows(run, 'image-registry-unreachable', 15_000)).toBe(true)
  expect(run.verdict?.title).toContain('127.0.0.1:1/team/app:1')
  await run.wait({ timeoutMs: 30_000 })
  expect(run.state).toBe('ERROR')
  expect(performance.now() - began).toBeLessThan(15_000)
})

test('an image that was never loaded and may not be pulled is an error at once', async () => {
  const fn = await scene.project.newFunction({ name: 'never', kind: 'container', image: 'localhost/not/there:1', image_pull_policy: 'Never' })
  const run = await (await fn.run('job')).wait({ timeoutMs: 15_000 })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'image-not-found', title: expect.stringContaining('localhost/not/there:1') } })
})

test('a name that is no image name is an error at once', async () => {
  const run = await (await (await imageOf('Not An Image!')).run('job')).wait({ timeoutMs: 15_000 })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'image-bad-name' } })
})

test('a command that the image does not hold is named, and no container is left', async () => {
  const fn = await scene.project.newFunction({
    name: 'none',
    kind: 'container',
    image: (await shell(scene.project, '')).spec.image ?? '',
    command: 'no-such-command',
  })
  const run = await (await fn.run('job')).wait({ timeoutMs: 15_000 })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'command-not-found' } })
  expect(JSON.stringify(run.verdict?.evidence)).toContain('no-such-command')
  expect(await scene.engine.containersOf(run.id)).toEqual([])
})

test('a container that eats more than its memory limit is told apart from one that fails', async () => {
  const run = await job('echo eating; tail /dev/zero; code=$?; sleep 1; exit $code', { resources: { mem: '16Mi' } })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'oom-killed', hint: expect.stringContaining('16Mi') } })
})

test('a service that does not listen says so, names the port, and goes on', async () => {
  const run = await (await shell(scene.project, 'sleep 600')).run('serve', WEB_PORTS)
  onTestFinished(() => run.delete())
  expect(await shows(run, 'port-not-listening')).toBe(true)
  expect(run.status).toMatchObject({ state: 'RUNNING', verdict: { evidence: [expect.stringContaining('8501')] } })
})

test('a deployment that keeps ending is a crash loop with its last lines, and ends as an error', async () => {
  const run = await (await shell(scene.project, 'echo no config; exit 9')).run('deploy')
  await run.wait({ timeoutMs: 60_000 })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'crash-loop' } })
  expect(JSON.stringify(run.verdict?.evidence)).toMatch(/exit code 9.*no config/)
  expect(await waitUntil(async () => (await scene.engine.containersOf(run.id)).length === 0, { timeout: 10_000, every: 50 })).toBe(true)
})

test('a job whose container somebody else removes is an error that says so, and is not started again', async () => {
  const run = await (await (await shell(scene.project, 'sleep 600')).run('job')).wait({ until: 'ready' })
  const [id = ''] = await scene.engine.containersOf(run.id)
  await scene.engine.docker.getContainer(id).remove({ force: true })
  await run.wait({ timeoutMs: 30_000 })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'workload-removed' }, attempts: [{ number: 1, outcome: 'failed' }] })
  expect(await scene.engine.startsOf(run.id)).toHaveLength(1)
  expect(await scene.engine.containersOf(run.id)).toEqual([])
})

test('a deployment whose container somebody else removes gets a new one, and the run notes it', async () => {
  const run = await (await (await shell(scene.project, 'sleep 600')).run('deploy')).wait({ until: 'ready' })
  onTestFinished(() => run.delete())
  const [id = ''] = await scene.engine.containersOf(run.id)
  await scene.engine.docker.getContainer(id).remove({ force: true })
  expect(await waitUntil(async () => (await run.refresh()).status.attempts?.length === 2 && run.state === 'RUNNING', { timeout: 30_000, every: 100 })).toBe(
    true,
  )
  expect(run.status.notes).toContainEqual(expect.objectContaining({ code: 'replaced' }))
  expect(run.status.attempts).toMatchObject([{ number: 1, outcome: 'replaced' }, { number: 2 }])
  expect(await waitUntil(async () => (await scene.engine.startsOf(run.id)).length === 2, { timeout: 5_000 })).toBe(true)
})

test('a replica that somebody else removes is made again, and the others go on', async () => {
  const run = await (await (await shell(scene.project, 'sleep 600')).run('deploy', { replicas: 2 })).wait({ until: 'ready' })
  onTestFinished(() => run.delete())
  const [kept = '', lost = ''] = await scene.engine.containersOf(run.id)
  await scene.engine.docker.getContainer(lost).remove({ force: true })
  const whole = async (): Promise<boolean> => {
    const now = await scene.engine.containersOf(run.id)
    return now.length === 2 && now.includes(kept) && !now.includes(lost)
  }
  expect(await waitUntil(whole, { timeout: 30_000, every: 100 })).toBe(true)
  expect(await waitUntil(async () => (await run.refresh()).status.phase === 'running', { timeout: 10_000, every: 100 })).toBe(true)
  expect(run.status).toMatchObject({ state: 'RUNNING', attempts: [{ number: 1 }] })
})

test('no engine where DOCKER_HOST points is a refused start that says so', async () => {
  const alone = await testHouse()
  await alone.server.end('SIGTERM')
  const { code, said } = await alone.refused(['--engine', 'docker', '--docker-host', 'unix:///tmp/dv-e2e-no-such.sock'])
  expect(code).toBe(1)
  expect(said).toMatch(/No engine answers at DOCKER_HOST=unix:\/\/\/tmp\/dv-e2e-no-such\.sock/)
  expect(said).toMatch(/Start that engine, or unset DOCKER_HOST/)
  expect(said).not.toMatch(/\n\s+at /)
})

test('a full disk of the engine shows as a verdict, fails nothing, and the run goes on when there is room', async () => {
  const folder = await newFolder()
  const dir = join(folder, 'e')
  await mkdir(dir)
  await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', dir])
  const small = await startPrivateEngine({ dir, cacheDir: cacheFolder(), log: silentLog })
  onTestFinished(async () => {
    await small.destroy().catch(() => undefined) // the folder itself is a mount, so it cannot be removed yet
    await promisify(execFile)('umount', ['-l', dir])
    await closeFolder(folder)
  })
  await loadImage(new Docker({ socketPath: small.socketPath }))
  const full = join(dir, 'filler')
  await promisify(execFile)('sh', ['-c', `dd if=/dev/zero of=${full} bs=4k 2>/dev/null; true`])
  const cramped = await testHouse({ engine: small })
  const run = await (await shell(await cramped.project(), 'echo fits')).run('job')
  expect(await shows(run, 'disk-full', 30_000)).toBe(true)
  expect(run.status).toMatchObject({ state: 'READY', phase: 'retrying' })
  await rm(full)
  await run.wait({ timeoutMs: 60_000 })
  expect(run.status).toMatchObject({ state: 'COMPLETED', attempts: [{ number: 1 }] })
  expect(run.verdict).toBeUndefined()
})
