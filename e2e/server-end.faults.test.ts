import { existsSync } from 'node:fs'
import Docker from 'dockerode'
import { expect, test } from 'vitest'
import { type House, shell, testHouse, web, WEB_PORTS } from './support/house.ts'
import { loadImage } from './support/test-engine.ts'
import { enginePool, NOTHING, tracesOf } from './support/traces.ts'

const dockerOf = ({ data }: House) => new Docker({ socketPath: `${data}/engine/docker.sock` })

/** A server with an engine of its own that has the test image. */
async function privateHouse(flags: readonly string[] = []): Promise<House> {
  const house = await testHouse({ engine: 'private', flags })
  await loadImage(dockerOf(house))
  return house
}

test('SIGTERM ends the server at once, its services go on answering, and the next start finds them', async () => {
  const house = await privateHouse()
  const fn = await web(await house.project())
  const run = await fn.run('serve', { ...WEB_PORTS, wait: true })
  const [before] = await dockerOf(house).listContainers()
  const began = performance.now()
  expect(await house.server.end('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(performance.now() - began).toBeLessThan(10_000)
  expect(await (await run.invoke('/')).text()).toContain('It runs.')
  await house.start()
  const found = await (await house.project()).getRun(run.id)
  expect(found.status).toMatchObject({ state: 'RUNNING', service: run.status.service, attempts: [{ number: 1 }] })
  const [after] = await dockerOf(house).listContainers()
  expect({ id: after?.Id, created: after?.Created }).toEqual({ id: before?.Id, created: before?.Created })
  await found.stop()
  expect((await found.wait({ timeoutMs: 30_000 })).state).toBe('STOPPED')
})

test('the engine of a killed server is taken over by the next one with all that runs in it', async () => {
  const house = await privateHouse()
  const fn = await shell(await house.project(), 'echo begin; sleep 4; echo end')
  const run = await (await fn.run('job')).wait({ until: 'ready' })
  await house.server.end('SIGKILL')
  await house.start()
  await run.wait({ timeoutMs: 30_000 })
  expect(run.status).toMatchObject({ state: 'COMPLETED', attempts: [{ number: 1 }] })
  expect((await run.logs()).map(({ text }) => text)).toEqual(['begin\nend\n'])
  expect(house.server.log()).toContain('adopted=true')
})

test('a server that ends with nothing running leaves no process, mount or network link', async () => {
  const house = await privateHouse()
  const fn = await shell(await house.project(), 'echo done')
  const run = await fn.run('job', { wait: true })
  expect(run.state).toBe('COMPLETED')
  const pool = await enginePool(house.data)
  await house.server.end('SIGTERM')
  expect(await tracesOf(house.data, pool)).toEqual(NOTHING)
  await house.start()
  expect((await (await (await house.project()).getRun(run.id)).logs()).map(({ text }) => text)).toEqual(['done\n'])
})

test.each(['SIGINT', 'SIGTERM'] as const)('an ephemeral server leaves nothing after %s, also with containers running', async (signal) => {
  const house = await privateHouse(['--ephemeral'])
  const project = await house.project()
  const volumes = [{ volume_type: 'persistent_volume_claim' as const, name: 'data', mount_path: '/data' }]
  await (await web(project)).run('serve', { ...WEB_PORTS, wait: true })
  await (await (await shell(project, 'trap "" TERM; while true; do sleep 1; done')).run('deploy', { replicas: 2, volumes })).wait({ until: 'ready' })
  const pool = await enginePool(house.data)
  expect((await tracesOf(house.data, pool)).links).toHaveLength(1)
  expect(await house.server.end(signal)).toEqual({ code: 0, signal: null })
  expect(existsSync(house.data)).toBe(false)
  expect(await tracesOf(house.data, pool)).toEqual(NOTHING)
})

test('an ephemeral server on memory leaves nothing either', async () => {
  const house = await testHouse({ flags: ['--ephemeral'] })
  await (await (await shell(await house.project(), 'sleep 600')).run('deploy')).wait({ until: 'ready' })
  expect(await house.server.end('SIGINT')).toEqual({ code: 0, signal: null })
  expect(existsSync(house.data)).toBe(false)
  expect(await tracesOf(house.data)).toEqual(NOTHING)
})
