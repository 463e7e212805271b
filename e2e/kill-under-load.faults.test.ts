import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FunctionHandle, isFinal } from 'davit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, shell, testHouse } from './support/house.ts'
import { startTestEngine, type TestEngine } from './support/test-engine.ts'

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine?.close())

interface Load {
  readonly clients: number
  readonly runsEach: number
  readonly kills: number
}

/** Clients that submit while their server is killed at random moments. Gives the ids of the runs that were acknowledged. */
async function underFire(house: House, fn: FunctionHandle, { clients, runsEach, kills }: Load): Promise<readonly string[]> {
  const acknowledged: string[] = []
  const client = async (): Promise<void> => {
    for (let count = 0; count < runsEach; count++) acknowledged.push((await fn.run('job')).id)
  }
  const all = Promise.all(Array.from({ length: clients }, client))
  all.catch(() => undefined) // awaited below; a failure until then must not end the test run
  for (let times = 0; times < kills; times++) {
    await sleep(randomInt(50, 1500)) // the moment is meant to be any
    await house.server.end('SIGKILL')
    await house.start()
  }
  await all
  return acknowledged
}

const settled = async (house: House, ids: readonly string[]) => {
  const project = await house.project()
  const runs = await Promise.all(ids.map(async (id) => (await project.getRun(id)).wait({ timeoutMs: 90_000 })))
  const all = await project.listRuns()
  return { runs, all }
}

test('eight clients submit to a server that is killed five times: every acknowledged run exists once and ends (memory)', async () => {
  const house = await testHouse()
  const fn = await shell(await house.project(), 'echo ok')
  const ids = await underFire(house, fn, { clients: 8, runsEach: 12, kills: 5 })
  const { runs, all } = await settled(house, ids)
  expect(all.map(({ id }) => id).sort()).toEqual([...ids].sort())
  for (const { status } of runs) {
    expect(isFinal(status.state)).toBe(true)
    // Pretended containers die with the process that pretends: that, and nothing else, may fail a run.
    if (status.state === 'ERROR') expect(status.verdict?.code).toBe('workload-removed')
    expect(status.attempts).toHaveLength(1)
  }
})

test('the same on Docker: every run completes, and no container was started twice', async () => {
  const house = await testHouse({ engine })
  const fn = await shell(await house.project(), 'echo ok')
  const ids = await underFire(house, fn, { clients: 8, runsEach: 4, kills: 5 })
  const { runs, all } = await settled(house, ids)
  expect(all.map(({ id }) => id).sort()).toEqual([...ids].sort())
  for (const run of runs) {
    expect(run.status).toMatchObject({ state: 'COMPLETED', attempts: [{ number: 1, outcome: 'succeeded', exit_code: 0 }] })
    expect(await engine.startsOf(run.id)).toHaveLength(1)
    expect((await run.logs()).map(({ text }) => text)).toEqual(['ok\n'])
  }
})
