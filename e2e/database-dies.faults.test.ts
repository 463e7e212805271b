import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { type House, shell, testHouse } from './support/house.ts'

const postmaster = async ({ data }: House): Promise<number> => Number((await readFile(`${data}/postgres/data/postmaster.pid`, 'utf8')).split('\n')[0])
const statusOf = async (house: House, path: string): Promise<number> => (await fetch(house.url + path)).status

test('while PostgreSQL is dead the server answers 503 with a hint, and it comes back by itself', async () => {
  const house = await testHouse()
  await house.project()
  const before = await postmaster(house)
  const seen = new Set<number>()
  const bodies: string[] = []
  process.kill(before, 'SIGKILL')
  const back = await waitUntil(
    async () => {
      const answer = await fetch(`${house.url}/api/v1/projects/faults`)
      seen.add(answer.status)
      if (answer.status === 503) bodies.push(`${answer.headers.get('retry-after')} ${await answer.text()}`)
      expect(await statusOf(house, '/healthz')).toBe(200)
      return bodies.length > 0 && answer.status === 200
    },
    { timeout: 30_000, every: 5 },
  )
  expect(back).toBe(true)
  expect(seen).toEqual(new Set([200, 503]))
  expect(bodies[0]).toMatch(/^1 .*the database does not answer.*try again/)
  expect(await statusOf(house, '/readyz')).toBe(200)
  expect(await postmaster(house)).not.toBe(before)
})

test('with PostgreSQL killed again and again no acknowledged run is lost and every run reaches its end', async () => {
  const house = await testHouse()
  const project = await house.project()
  const fn = await shell(project, 'sleep 0.5; echo done')
  const acknowledged: string[] = []
  const submitting = Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let count = 0; count < 8; count++) acknowledged.push((await fn.run('job')).id)
    }),
  )
  submitting.catch(() => undefined) // awaited below; a failure until then must not end the test run
  for (let times = 0; times < 3; times++) {
    await waitUntil(() => acknowledged.length > times * 6, { timeout: 30_000 })
    process.kill(await postmaster(house), 'SIGKILL')
    await waitUntil(async () => (await statusOf(house, '/readyz')) === 200, { timeout: 30_000 })
  }
  await submitting
  expect(new Set(acknowledged).size).toBe(32)
  for (const id of acknowledged) {
    const run = await (await project.getRun(id)).wait({ timeoutMs: 60_000 })
    expect(run.status).toMatchObject({ state: 'COMPLETED', attempts: [{ number: 1, outcome: 'succeeded' }] })
  }
  const [one] = acknowledged
  expect((await (await project.getRun(one ?? '')).logs()).map(({ text }) => text)).toEqual(['done\n'])
  expect(await project.listRuns()).toHaveLength(32)
})
