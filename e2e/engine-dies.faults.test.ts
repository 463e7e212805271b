import { readFile } from 'node:fs/promises'
import Docker from 'dockerode'
import type { RunHandle } from 'davit'
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, onTestFinished, test } from 'vitest'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { type House, openHouse, shell, web, WEB_PORTS } from './support/house.ts'
import { loadImage } from './support/test-engine.ts'

let house: House
const dockerOf = () => new Docker({ socketPath: `${house.data}/engine/docker.sock` })
beforeAll(async () => {
  house = await openHouse({ engine: 'private' })
  await loadImage(dockerOf())
})
beforeEach(() => onTestFailed(() => void process.stderr.write(house.logs())))
afterAll(() => house?.close())

const startTimes = async (): Promise<readonly string[]> =>
  Promise.all((await dockerOf().listContainers()).map(async ({ Id }) => (await dockerOf().getContainer(Id).inspect()).State.StartedAt))
const daemon = async (): Promise<number> => Number(await readFile(`${house.data}/engine/dockerd.pid`, 'utf8'))
const showsTrouble = (run: RunHandle) =>
  waitUntil(async () => (await run.refresh()).status.verdict?.code === 'engine-unreachable', { timeout: 60_000, every: 200 })

test('an engine that is killed during a job and comes back changes nothing: right exit code, whole log, one attempt', async () => {
  // What a daemon has read and not yet written dies with it, so it is killed in a pause of the writer.
  const fn = await shell(await house.project(), 'for i in $(seq 1 20); do echo line $i; [ $i -ne 1 ] || sleep 2; sleep 0.2; done; exit 7')
  const run = await (await fn.run('job')).wait({ until: 'ready' })
  expect(await waitUntil(async () => (await run.logs())[0]?.text === 'line 1\n', { timeout: 10_000, every: 20 })).toBe(true)
  const before = await daemon()
  process.kill(before, 'SIGKILL')
  const states = new Set<string>()
  for await (const { state } of run.watch()) states.add(state)
  expect([...states]).toEqual(['RUNNING', 'ERROR'])
  expect(run.status).toMatchObject({ verdict: { code: 'exit-nonzero', exit_code: 7 }, attempts: [{ number: 1, outcome: 'failed', exit_code: 7 }] })
  expect((await run.logs())[0]?.text.trim().split('\n')).toHaveLength(20)
  expect(await daemon()).not.toBe(before)
})

test('a job that ends while its engine is dead is found with its exit code', async () => {
  const fn = await shell(await house.project(), 'trap "exit 4" USR1; echo over; while true; do sleep 0.1; done')
  const run = await (await fn.run('job')).wait({ until: 'ready' })
  // What is written while no daemon reads, and nobody waits for afterwards, is lost with dockerd's own pipe.
  expect(await waitUntil(async () => (await run.logs())[0]?.text === 'over\n', { timeout: 10_000, every: 20 })).toBe(true)
  const [own] = await dockerOf().listContainers({ filters: { label: [`davit.dev/run=${run.id}`] } })
  const { State } = await dockerOf()
    .getContainer(own?.Id ?? '')
    .inspect()
  process.kill(await daemon(), 'SIGKILL')
  process.kill(State.Pid, 'SIGUSR1')
  await run.wait({ timeoutMs: 60_000 })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { exit_code: 4 } })
  expect((await run.logs()).map(({ text }) => text)).toEqual(['over\n'])
})

test('a service whose engine is killed answers again at its address, from the same container', async () => {
  const fn = await web(await house.project())
  const run = await fn.run('serve', { ...WEB_PORTS, wait: true })
  onTestFinished(() => run.delete())
  const before = await daemon()
  const since = await startTimes()
  process.kill(before, 'SIGKILL')
  expect(await waitUntil(async () => (await daemon().catch(() => before)) !== before, { timeout: 30_000, every: 50 })).toBe(true)
  // The engine's port forwarders are its children and die with it; they come back with it.
  expect(
    await waitUntil(
      () =>
        run.invoke('/').then(
          ({ status }) => status === 200,
          () => false,
        ),
      { timeout: 30_000, every: 50 },
    ),
  ).toBe(true)
  expect(await startTimes()).toEqual(since)
  expect((await run.refresh()).status).toMatchObject({ state: 'RUNNING', attempts: [{ number: 1 }] })
})

test('while the engine hangs the API answers, the run says that the engine is unreachable, and afterwards all is well', async () => {
  const fn = await shell(await house.project(), 'sleep 2; echo through; exit 5')
  const running = await (await fn.run('job')).wait({ until: 'ready' })
  const pid = await daemon()
  process.kill(pid, 'SIGSTOP')
  onTestFinished(() => void process.kill(pid, 'SIGCONT'))
  const queued = await fn.run('job')
  expect(await showsTrouble(queued)).toBe(true)
  expect(queued.state).toBe('READY')
  const began = performance.now()
  for (let times = 0; times < 20; times++) await running.refresh()
  expect(performance.now() - began).toBeLessThan(5_000) // 20 answers: none of them waited for the engine
  expect(running.state).toBe('RUNNING')
  process.kill(pid, 'SIGCONT')
  for (const run of [running, queued]) {
    await run.wait({ timeoutMs: 60_000 })
    expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'exit-nonzero', exit_code: 5 }, attempts: [{ number: 1 }] })
    expect((await run.logs()).map(({ text }) => text)).toEqual(['through\n'])
  }
})
