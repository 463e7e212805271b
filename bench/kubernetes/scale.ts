import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Figure } from '../bench.ts'
import { inParallel } from '../measure.ts'
import { RUNS_FOR } from '../../testbed/kubernetes/index.ts'
import { fakeKubelet } from './fake-kubelet.ts'
import { type Inside, openInside } from './inside.ts'
import { JOBS, rawJob } from './raw-job.ts'

const CLIENTS = 16
const IDLE_MS = 30_000
const TICKS_PER_SECOND = 100

const rssOf = async (pid: number): Promise<number> => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
const cpuOf = async (pid: number): Promise<number> => {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

const short = { image: 'none', command: 'true' }
const long = { ...short, annotations: { [RUNS_FOR]: '2h' } }

async function rawSeconds({ raw }: Inside, count: number): Promise<number> {
  const over = new Set<string>()
  const all = Promise.withResolvers<void>()
  const quiet = await raw.watch(JOBS, (_type, { metadata, status }) => {
    const complete = status?.conditions?.some(({ type, status: holds }) => type === 'Complete' && holds === 'True')
    if (complete && metadata.name.includes('raw-scale') && over.add(metadata.name).size === count) all.resolve()
  })
  const begun = performance.now()
  await inParallel(CLIENTS, count, (index) => raw.make(JOBS, rawJob(`raw-scale-${index}`, short)))
  await all.promise
  quiet()
  return (performance.now() - begun) / 1000
}

const totalIn = async ({ client, project }: Inside, state: string): Promise<number> => (await client.runs.list(project.name, { state, size: 1 })).total

async function ours(inside: Inside, count: number, { spec, until }: { spec: object; until: string }): Promise<number> {
  const { client, project, say } = inside
  const fn = await project.newFunction({ name: 'scale', image: short.image, command: short.command })
  const task = await client.tasks.ensure(project.name, fn.entity, 'job')
  const before = await totalIn(inside, until)
  const body = { kind: 'container+job:run', spec: { task: `${task.kind}://${project.name}/${task.id}`, ...spec } }
  const begun = performance.now()
  await inParallel(CLIENTS, count, () => client.runs.create(project.name, body))
  say(`${count} submitted in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  while ((await totalIn(inside, until)) < before + count) await sleep(250)
  return (performance.now() - begun) / 1000
}

/** P4: many runs at once on nodes that kwok plays. */
async function scale(inside: Inside): Promise<readonly Figure[]> {
  const { server, args, say } = inside
  const [key = '', certificate = '', address = '', wanted = '1000'] = args
  const count = Number(wanted)
  const kubelet = await fakeKubelet({ key, certificate, address })
  try {
    const raw = await rawSeconds(inside, count)
    say(`raw: ${count} Jobs complete after ${raw.toFixed(1)} s`)
    const mine = await ours(inside, count, { spec: {}, until: 'COMPLETED' })
    say(`ours: ${count} runs final after ${mine.toFixed(1)} s`)
    const up = await ours(inside, count, { spec: { annotations: long.annotations }, until: 'RUNNING' })
    say(`${count} runs active after ${up.toFixed(1)} s`)
    await sleep(10_000)
    const pid = server.pid ?? 0
    const begun = await cpuOf(pid)
    await sleep(IDLE_MS)
    const idle = ((await cpuOf(pid)) - begun) / (IDLE_MS / 1000)
    const rss = await rssOf(pid)
    const note = `${count} runs, ${CLIENTS} clients`
    return [
      { name: 'P4 submit to all final ÷ raw Jobs', value: mine / raw, unit: '×', goal: '≤ 1.15', note: `${mine.toFixed(1)} ÷ ${raw.toFixed(1)} s, ${note}` },
      { name: 'P4 RSS of the server, all active', value: rss, unit: 'MB', goal: '≤ 400', note },
      { name: 'P4 CPU of the server, all active, idle', value: idle * 100, unit: '%', goal: '≤ 10', note: `${note}, over ${IDLE_MS / 1000} s` },
    ]
  } finally {
    kubelet.close()
  }
}

await openInside(scale)
