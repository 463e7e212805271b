import { dirname, join } from 'node:path'
import type { RunHandle } from 'davit'
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, onTestFinished, test } from 'vitest'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { type EngineProxy, engineProxy, type Moment } from './support/engine-proxy.ts'
import { type House, openHouse, shell, web, WEB_PORTS } from './support/house.ts'
import { startTestEngine, type TestEngine } from './support/test-engine.ts'

let engine: TestEngine
let proxy: EngineProxy
let house: House
beforeAll(async () => {
  engine = await startTestEngine()
  proxy = await engineProxy(engine.socketPath, join(dirname(engine.socketPath), 'proxy.sock'))
  house = await openHouse({ engine: proxy })
})
beforeEach(async () => {
  onTestFailed(() => void process.stderr.write(house.logs()))
  if (!house.server.alive()) await house.start() // a test that failed may have left it dead
})
afterAll(async () => {
  await house?.close()
  await proxy?.close()
  await engine?.close()
})

/** Where a run stands when its server dies: told by what passes between server and engine. */
const STEPS = {
  'a run was accepted': { when: 'before', call: /workload=davit-/ },
  'its container was created': { when: 'after', call: /POST .*\/containers\/create/ },
  'its container was created, before its start was asked for': { when: 'before', call: /POST .*\/start/ },
  'its container was started': { when: 'after', call: /POST .*\/start/ },
  'it ended, before its log was read': { when: 'before', call: /GET .*\/logs/ },
  'its log was read': { when: 'after', call: /GET .*\/logs/ },
  'its log was stored': { when: 'before', call: /DELETE .*\/containers/ },
  'its container was removed': { when: 'after', call: /DELETE .*\/containers/ },
} as const satisfies Record<string, Moment>

const SERVE_STARTS = [
  'a run was accepted',
  'its container was created',
  'its container was created, before its start was asked for',
  'its container was started',
] as const
const SERVE_ENDS = {
  'it was asked to stop': { when: 'before', call: /POST .*\/stop/ },
  'its container was asked to stop': { when: 'after', call: /POST .*\/stop/ },
  'it stopped, before its log was read': STEPS['it ended, before its log was read'],
  'its log was stored': STEPS['its log was stored'],
} as const satisfies Record<string, Moment>

/** Kills the server at that moment and starts the next one. */
const killAt = async (moment: Moment): Promise<void> => {
  await proxy.once(moment, () => house.server.end('SIGKILL'))
  await house.start()
}

const gone = (run: RunHandle) => waitUntil(async () => (await engine.containersOf(run.id)).length === 0, { timeout: 10_000, every: 50 })
const PATIENCE = { timeoutMs: 45_000 }

test.each(Object.entries(STEPS))('a job whose server is killed right after %s reaches its end, started once, with its whole log', async (_, moment) => {
  const fn = await shell(await house.project(), 'echo begin; sleep 0.2; echo end; exit 3')
  const back = killAt(moment)
  const run = await fn.run('job')
  await back
  await run.wait(PATIENCE)
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'exit-nonzero', exit_code: 3 } })
  expect(run.status.attempts).toMatchObject([{ number: 1, outcome: 'failed', exit_code: 3 }])
  expect((await run.logs()).map(({ text }) => text)).toEqual(['begin\nend\n'])
  expect(await engine.startsOf(run.id)).toHaveLength(1)
  expect(await gone(run)).toBe(true)
})

test.each(SERVE_STARTS)('a service whose server is killed right after %s answers, and was started once', async (step) => {
  const fn = await web(await house.project())
  const back = killAt(STEPS[step])
  const run = await fn.run('serve', WEB_PORTS)
  await back
  onTestFinished(() => run.delete())
  await run.wait({ ...PATIENCE, until: 'ready' })
  expect(await (await run.invoke('/')).text()).toContain('It runs.')
  expect(run.status.attempts).toMatchObject([{ number: 1 }])
  expect(await engine.startsOf(run.id)).toHaveLength(1)
})

test.each(Object.entries(SERVE_ENDS))('a service whose server is killed right after %s ends as stopped, with its log', async (_, moment) => {
  const fn = await shell(await house.project(), 'echo up; exec httpd -f -p 8501 -h /www')
  const run = await fn.run('serve', { ...WEB_PORTS, wait: true })
  const back = killAt(moment)
  await run.stop()
  await back
  await run.wait(PATIENCE)
  expect(run.status).toMatchObject({ state: 'STOPPED', verdict: { code: 'stopped-by-user' } })
  expect(run.status.attempts).toMatchObject([{ number: 1, outcome: 'stopped' }])
  expect((await run.logs()).map(({ text }) => text)).toEqual(['up\n'])
  expect(await engine.startsOf(run.id)).toHaveLength(1)
  expect(await gone(run)).toBe(true)
})

test('a server killed five times during one job still leaves one start and a whole log', async () => {
  const fn = await shell(await house.project(), 'for i in $(seq 1 30); do echo line $i; sleep 0.2; done')
  const run = await fn.run('job')
  for (let times = 0; times < 5; times++) {
    await house.server.end('SIGKILL')
    await house.start()
  }
  await run.wait(PATIENCE)
  expect(run.state).toBe('COMPLETED')
  expect((await run.logs())[0]?.text.trim().split('\n')).toHaveLength(30)
  expect(await engine.startsOf(run.id)).toHaveLength(1)
  expect(run.status.attempts).toHaveLength(1)
})
