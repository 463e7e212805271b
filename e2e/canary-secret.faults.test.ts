import { readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandLines } from './support/canary.ts'
import { shell, testHouse } from './support/house.ts'
import { startTestEngine, type TestEngine } from './support/test-engine.ts'

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine?.close())

test('a secret reaches its container and nothing else: no log, answer, label, status, verdict, command line', async () => {
  const canary = `canary-${randomUUID()}`
  const house = await testHouse({ engine, flags: ['--log-level', 'debug'] })
  const project = await house.project()
  await project.newSecret({ name: 'token', secret_value: canary })
  const fn = await shell(project, 'echo "$token" > /tmp/kept; sleep 2; echo "cannot log in as $token" >&2; exit 3')
  const run = await (await fn.run('job', { secrets: ['token'] })).wait({ until: 'ready' })
  const [id = ''] = await engine.containersOf(run.id)
  const { Config } = await engine.docker.getContainer(id).inspect()
  expect(Config.Env).toContain(`token=${canary}`)
  expect(JSON.stringify(Config.Labels)).not.toContain(canary)
  expect(commandLines()).not.toContain(canary)

  await run.wait({ timeoutMs: 30_000 })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'exit-nonzero', exit_code: 3 } })
  expect((await run.logs()).map(({ text }) => text)).toEqual([`cannot log in as ${canary}\n`]) // its own words are the user's
  expect(run.verdict?.evidence.join()).toContain('cannot log in as')

  const api = `${house.url}/api/v1`
  const paths = [
    '/projects',
    '/projects/faults',
    '/-/faults/secrets',
    '/-/faults/functions',
    '/-/faults/tasks',
    '/-/faults/runs',
    `/-/faults/runs/${run.id}`,
    '/server',
  ]
  for (const path of paths) {
    const answer = await fetch(api + path)
    expect([path, answer.status]).toEqual([path, 200])
    expect(await answer.text()).not.toContain(canary)
  }
  expect(await (await fetch(`${house.url}/metrics`)).text()).not.toContain(canary)
  expect(await (await fetch(`${api}/-/faults/secrets/data?keys=token`)).text()).toContain(canary)

  await house.server.end('SIGTERM')
  expect(house.server.log()).toContain('debug')
  expect(house.server.log()).not.toContain(canary)
  expect(readFileSync(`${house.data}/postgres/postgres.log`, 'utf8')).not.toContain(canary)
})

test('a run that names a secret which does not exist is refused by that name', async () => {
  const house = await testHouse({ engine })
  const project = await house.project()
  const fn = await shell(project, 'echo "$token"')
  await expect(fn.run('job', { secrets: ['token'] })).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('token') })
})
