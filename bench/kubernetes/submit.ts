import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { Figure } from '../bench.ts'
import { inParallel, median } from '../measure.ts'
import { type Inside, openInside } from './inside.ts'
import { JOBS, PODS, rawJob } from './raw-job.ts'
import { RUNS_FOR } from '../../testbed/kubernetes/index.ts'

const CLIENTS = 16
const ROUNDS = 3
const JOBS_PER_ROUND = 300

/** Jobs per second, from the first request until the cluster has told of the last Job. */
async function rate({ raw }: Inside, submit: (index: number) => Promise<unknown>): Promise<number> {
  const there = new Set<string>()
  const all = Promise.withResolvers<void>()
  const quiet = await raw.watch(JOBS, (type, { metadata }) => {
    if (type === 'ADDED' && there.add(metadata.name).size === JOBS_PER_ROUND) all.resolve()
  })
  const begun = performance.now()
  await inParallel(CLIENTS, JOBS_PER_ROUND, submit)
  await all.promise
  const seconds = (performance.now() - begun) / 1000
  quiet()
  return JOBS_PER_ROUND / seconds
}

const Pods = z.object({ items: z.array(z.unknown()) })

/** Until no pod waits any more: what controllers still owe to one round's Jobs would be paid by the next round. */
async function settled({ raw }: Inside): Promise<void> {
  const left = async (): Promise<number> => {
    const { text } = await raw.call('GET', `${PODS}?fieldSelector=status.phase=Pending&limit=1`)
    return Pods.parse(JSON.parse(text)).items.length
  }
  do await sleep(1000)
  while ((await left()) > 0)
  await sleep(1000)
}

const spec = { image: 'none', command: 'true', annotations: { [RUNS_FOR]: '10m' } }

/** P1: how fast runs become Jobs, against the same Jobs made by a bare client, in turns. */
async function submit(inside: Inside): Promise<readonly Figure[]> {
  const { raw, client, project, say } = inside
  const fn = await project.newFunction({ name: 'submit', image: spec.image, command: spec.command })
  const task = await client.tasks.ensure(project.name, fn.entity, 'job')
  const body = { kind: 'container+job:run', spec: { task: `${task.kind}://${project.name}/${task.id}`, annotations: spec.annotations } }
  const batch = randomBytes(3).toString('hex')
  const rates = { ours: [] as number[], raw: [] as number[] }
  const once = async (who: 'ours' | 'raw', round: number): Promise<void> => {
    const made =
      who === 'ours' ? () => client.runs.create(project.name, body) : (index: number) => raw.make(JOBS, rawJob(`raw-${batch}-${round}-${index}`, spec))
    const found = await rate(inside, made)
    await settled(inside)
    say(`${who}: ${found.toFixed(0)} per second`)
    if (round >= 0) rates[who].push(found)
  }
  for (let round = -1; round < ROUNDS; round++)
    for (const who of round % 2 === 0 ? (['ours', 'raw'] as const) : (['raw', 'ours'] as const)) await once(who, round)
  const [ours, bare] = [median(rates.ours), median(rates.raw)]
  const note = `${ours.toFixed(0)} ÷ ${bare.toFixed(0)} per second, medians of ${ROUNDS} rounds of ${JOBS_PER_ROUND}, ${CLIENTS} clients`
  return [{ name: 'P1 runs to Jobs ÷ raw Job creates', value: ours / bare, unit: '×', goal: '≥ 0.8', note }]
}

await openInside(submit)
