import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectForgotten, expectNone, expectSilence, hideCanary, running } from './support/canary.ts'
import { startTestEngine, type TestEngine } from './support/test-engine.ts'

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine?.close())

async function inspect(runId: string): Promise<{ readonly env: readonly string[]; readonly rest: string }> {
  const [id = ''] = await engine.containersOf(runId)
  const all = await engine.docker.getContainer(id).inspect()
  const { Env: env, ...config } = all.Config
  return { env, rest: JSON.stringify({ ...all, Config: config }) }
}

test('a secret is in the container that asked for it, and nowhere else on the machine', async () => {
  const canary = await hideCanary({ engine })
  const { project, value, secrets } = canary
  const [asked, other] = [await running(project, { secrets: ['token'] }), await running(project, {})]
  const [one, two] = [await inspect(asked.id), await inspect(other.id)]
  expect(one.env).toContain(`token=${value}`)
  expectNone('the rest of its container', one.rest, secrets)
  expectNone('another container', JSON.stringify(two), secrets)
  await expectSilence(canary, asked.id)
  await asked.stop()
  await asked.wait({ timeoutMs: 60_000 })
  await expectForgotten(canary)
})
