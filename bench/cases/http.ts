import { setTimeout as sleep } from 'node:timers/promises'
import { Davit, getOrCreateProject } from 'davit'
import type { Bench, BenchContext, Figure } from '../bench.ts'
import { startPair } from '../http/bearer.ts'
import { type HttpHouse, inHttpHouse } from '../http/house.ts'
import { type LoadRequest, oneByOne, perSecond } from '../http/load.ts'
import { BUSY_FUNCTION, fillMillion, PROJECT, RUNS } from '../http/million.ts'
import { median, percentile } from '../measure.ts'

const LISTS: Readonly<Record<string, string>> = {
  'no filter': '',
  'state=ERROR': '&state=ERROR',
  'state=COMPLETED': '&state=COMPLETED',
  'function version': `&function=${encodeURIComponent(BUSY_FUNCTION)}`,
  'function and state': `&function=${encodeURIComponent(BUSY_FUNCTION)}&state=COMPLETED`,
}
const PAGES = { asked: 400, warmUp: 40, size: 50, far: 99 } as const
const RATE = { connections: 16, ms: 400, rounds: 31, warmUpMs: 3000 } as const

const listPage = (page: number, filter: string): LoadRequest => ({ method: 'GET', path: `/api/v1/-/${PROJECT}/runs?size=${PAGES.size}&page=${page}${filter}` })

/** The same list, near and far in turns, so that both meet the same machine. */
const listTimes = async (url: string, filter: string): Promise<{ near: number[]; far: number[] }> => {
  const requests = Array.from({ length: (PAGES.asked + PAGES.warmUp) * 2 }, (_, n) => listPage(n % 2 === 0 ? 0 : PAGES.far, filter))
  const times = (await oneByOne(url, requests)).slice(PAGES.warmUp * 2)
  return { near: times.filter((_, n) => n % 2 === 0), far: times.filter((_, n) => n % 2 === 1) }
}

const lists = async ({ davit }: HttpHouse, { say }: BenchContext): Promise<readonly Figure[]> => {
  const figures: Figure[] = []
  for (const [name, filter] of Object.entries(LISTS)) {
    say(`list, ${name}: ${PAGES.asked} times page 1 and page ${PAGES.far + 1}`)
    const { near, far } = await listTimes(davit, filter)
    const of = (times: readonly number[]) => `median ${median(times).toFixed(1)} ms, p99 ${percentile(times, 99).toFixed(1)} ms`
    figures.push(
      {
        name: `list, ${name}: p99`,
        value: Math.max(percentile(near, 99), percentile(far, 99)),
        unit: 'ms',
        goal: '≤ 20 ms',
        note: `page 1: ${of(near)}; page 100: ${of(far)}`,
      },
      { name: `list, ${name}: page 100 ÷ page 1`, value: median(far) / median(near), unit: '×', goal: '≤ 2', note: `medians of ${PAGES.asked}` },
    )
  }
  return figures
}

/** Requests per second of two servers in turns: medians of the rounds, the first of which is a warm-up. */
const rates = async (ours: (ms: number) => Promise<number>, theirs: (ms: number) => Promise<number>): Promise<{ ours: number; theirs: number }> => {
  const found = { ours: [] as number[], theirs: [] as number[] }
  for (let round = -1; round < RATE.rounds; round++) {
    const now = { ours: await ours(RATE.ms), theirs: await theirs(RATE.ms) }
    if (round < 0) continue
    found.ours.push(now.ours)
    found.theirs.push(now.theirs)
  }
  return { ours: median(found.ours), theirs: median(found.theirs) }
}

const ratio = (name: string, found: { ours: number; theirs: number }, goal: string): Figure => ({
  name,
  value: found.ours / found.theirs,
  unit: '×',
  goal,
  note: `${found.ours.toFixed(0)}/s ÷ ${found.theirs.toFixed(0)}/s, medians of ${RATE.rounds} rounds of ${RATE.ms} ms, ${RATE.connections} connections`,
})

const against = (house: HttpHouse, make: (n: number) => LoadRequest) => {
  const at = (url: string) => (ms: number) => perSecond(url, make, { connections: RATE.connections, ms })
  return rates(at(house.davit), at(house.bare))
}

const someRun = (n: number): LoadRequest => ({ method: 'GET', path: `/api/v1/-/${PROJECT}/runs/${(1 + ((n * 7919) % RUNS)).toString(16).padStart(32, '0')}` })

const reading = async (house: HttpHouse, { say }: BenchContext): Promise<readonly Figure[]> => {
  say('GET run, in turns with the bare handler')
  return [ratio('GET run ÷ bare Fastify', await against(house, someRun), '≥ 0.7')]
}

/** The same request to two Davits, one of which wants a token. */
const asking = async ({ databaseUrl, leave }: HttpHouse, context: BenchContext): Promise<readonly Figure[]> => {
  const name = 'bearer authentication, time per request'
  await leave()
  const pair = await startPair(context, databaseUrl)
  if (!pair) {
    context.say('bearer authentication: this server has none yet')
    return []
  }
  try {
    context.say('GET run with a token, in turns with a server that wants none')
    const at = (url: string, headers: Record<string, string>) => (ms: number) =>
      perSecond(url, (n) => ({ ...someRun(n), headers }), { connections: RATE.connections, ms })
    const [withToken, without] = [at(pair.guarded, { authorization: `Bearer ${pair.token}` }), at(pair.open, {})]
    // Both are new: what one has compiled the other has too.
    for (const each of [withToken, without]) await each(RATE.warmUpMs)
    const found = await rates(withToken, without)
    return [{ ...ratio(name, found, '≤ 1.05'), value: found.theirs / found.ours }]
  } finally {
    await pair.stop()
  }
}

const writing = async (house: HttpHouse, { say, signal }: BenchContext): Promise<readonly Figure[]> => {
  const client = new Davit({ endpoint: house.davit })
  const project = await getOrCreateProject('bench', { client, signal })
  const fn = await project.newFunction({ name: 'accept', image: 'none', command: 'true' }, { signal })
  const task = await client.tasks.ensure(project.name, fn.entity, 'job', { signal })
  const submit = (spec: object) => (): LoadRequest => ({
    method: 'POST',
    path: `/api/v1/-/bench/runs`,
    body: JSON.stringify({ kind: 'container+job:run', spec: { task: `${task.kind}://bench/${task.id}`, ...spec } }),
  })
  say('POST run, recorded only, in turns with the bare handler')
  const recorded = await against(house, submit({ local_execution: true }))
  say('POST run, which the memory engine then runs')
  const executed = await perSecond(house.davit, submit({}), { connections: RATE.connections, ms: 3000 })
  return [
    ratio('POST run ÷ bare Fastify', recorded, '≥ 0.7'),
    { name: 'POST run, and it is run', value: executed, unit: '/s', note: 'the memory engine and all it writes in the same process' },
  ]
}

/** Answers over HTTP: lists of a million runs, and single runs beside the same statements in a bare handler. */
export const http: Bench = (context) =>
  inHttpHouse(context, async (house) => {
    context.say(`${RUNS.toLocaleString('en')} runs into the database`)
    await fillMillion(house.databaseUrl)
    await sleep(1000)
    return [...(await lists(house, context)), ...(await reading(house, context)), ...(await writing(house, context)), ...(await asking(house, context))]
  })
