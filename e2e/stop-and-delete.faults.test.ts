import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { RunHandle } from 'davit'
import { expect, onTestFinished, test } from 'vitest'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { engineScene } from './support/fault-scene.ts'
import { shell } from './support/house.ts'

const scene = engineScene()

const PATIENCE = { timeoutMs: 45_000 }
const shows = (run: RunHandle, phase: string) => waitUntil(async () => (await run.refresh()).status.phase === phase, { timeout: 20_000, every: 50 })
const STOPPED = { state: 'STOPPED', verdict: { code: 'stopped-by-user' } }

const nothingLeft = (run: RunHandle) => waitUntil(async () => (await scene.engine.containersOf(run.id)).length === 0, { timeout: 10_000, every: 50 })

const expectStopped = async (run: RunHandle): Promise<void> => {
  await run.stop()
  await run.wait(PATIENCE)
  expect(run.status).toMatchObject(STOPPED)
  expect(await nothingLeft(run)).toBe(true)
}

/** A registry that takes connections and never says a word. */
async function silentRegistry(): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port // a TCP server's address is never a string
}

test('a run that waits for an engine which hangs can be stopped', async () => {
  const fn = await shell(scene.project, 'echo never')
  await scene.engine.pause()
  onTestFinished(scene.engine.resume)
  const run = await fn.run('job')
  await run.stop()
  expect(run.state).toBe('STOP')
  await scene.engine.resume()
  await run.wait(PATIENCE)
  expect(run.status).toMatchObject(STOPPED)
  expect(await nothingLeft(run)).toBe(true)
})

test('a run whose image is being pulled can be stopped', async () => {
  const port = await silentRegistry()
  const fn = await scene.project.newFunction({ name: 'pulls', kind: 'container', image: `127.0.0.1:${port}/x:1` })
  const run = await fn.run('job')
  expect(await shows(run, 'pulling')).toBe(true)
  await expectStopped(run)
})

test('a run that is tried again can be stopped', async () => {
  const fn = await shell(scene.project, 'exit 1')
  const run = await fn.run('job', { backoff_limit: 50 })
  expect(await waitUntil(async () => ((await run.refresh()).status.attempts?.length ?? 0) >= 3, { timeout: 30_000, every: 50 })).toBe(true)
  await expectStopped(run)
  const tries = run.status.attempts?.length
  expect((await run.refresh()).status.attempts).toHaveLength(tries ?? 0)
})

test('a running job, deployment and service can be stopped, and their logs are kept', async () => {
  const fn = await shell(scene.project, 'trap "echo bye; exit 0" TERM; echo hello; httpd -p 8501 -h /www; while true; do sleep 0.1; done')
  const ports = { service_ports: [{ port: 8085, target_port: 8501 }] }
  for (const action of ['job', 'deploy', 'serve'] as const) {
    const run = await (await fn.run(action, action === 'serve' ? ports : {})).wait({ until: 'ready' })
    expect(await waitUntil(async () => (await run.logs())[0]?.text === 'hello\n', { timeout: 10_000, every: 50 })).toBe(true)
    await expectStopped(run)
    expect((await run.logs()).map(({ text }) => text)).toEqual(['hello\nbye\n'])
  }
})

test('a process that ignores the request to end is killed after its grace, not before', async () => {
  const fn = await shell(scene.project, 'trap "echo no" TERM; echo up; while true; do sleep 0.1; done')
  const run = await (await fn.run('job', { termination_grace_period_seconds: 2 })).wait({ until: 'ready' })
  expect(await waitUntil(async () => (await run.logs())[0]?.text === 'up\n', { timeout: 10_000, every: 50 })).toBe(true)
  const began = performance.now()
  await expectStopped(run)
  expect(performance.now() - began).toBeGreaterThan(1_900)
  expect(run.status.attempts).toMatchObject([{ outcome: 'stopped', exit_code: 137 }])
})

test('stopping a run that ended is refused with its state, stopping twice is stopping once', async () => {
  const fn = await shell(scene.project, 'trap "sleep 0.5; exit 0" TERM; while true; do sleep 0.1; done')
  const run = await (await fn.run('job')).wait({ until: 'ready' })
  await Promise.all([run.stop(), run.stop(), run.stop()])
  await run.wait(PATIENCE)
  expect(run.state).toBe('STOPPED')
  await expect(run.stop()).rejects.toMatchObject({ code: 'illegal_transition', message: expect.stringContaining('STOPPED') })
})

test('stop keeps volumes; delete removes containers, volumes, rows and logs, of a running one too', async () => {
  const fn = await shell(scene.project, 'date > /data/when; echo written; sleep 600')
  const volumes = [{ volume_type: 'persistent_volume_claim' as const, name: 'data', mount_path: '/data', spec: { size: '1Gi' } }]
  const [stopped, running] = await Promise.all(
    ['one', 'two'].map(async () => (await fn.run('job', { volumes, termination_grace_period_seconds: 0 })).wait({ until: 'ready' })),
  )
  if (!stopped || !running) throw new Error('two runs were made')
  await expectStopped(stopped)
  expect(await scene.engine.volumesOf(stopped.id)).toHaveLength(1)
  for (const run of [stopped, running]) {
    await run.delete()
    const gone = async () => [...(await scene.engine.containersOf(run.id)), ...(await scene.engine.volumesOf(run.id))].length === 0
    expect(
      await waitUntil(
        () =>
          run.refresh().then(
            () => false,
            (error: unknown) => error,
          ),
        { timeout: 30_000, every: 50 },
      ),
    ).toMatchObject({ code: 'not_found' })
    expect(await waitUntil(gone, { timeout: 10_000, every: 50 })).toBe(true)
    await expect(run.logs()).rejects.toMatchObject({ code: 'not_found' })
  }
})
