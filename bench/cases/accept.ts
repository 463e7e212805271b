import { Davit, getOrCreateProject } from 'davit'
import { startServer } from '../../tools/davit-server.ts'
import type { Bench } from '../bench.ts'
import { inParallel, median, p95, timed } from '../measure.ts'

const CLIENTS = 16
const WARM_UP = 50
const RUNS = 600

/** How many runs a server takes in: `POST /runs` by several clients at once, the memory engine behind it, each answer recorded before it is given. */
export const accept: Bench = async ({ folder, signal, say }) => {
  const server = await startServer({ data: folder, flags: ['--engine', 'memory'], signal })
  try {
    const client = new Davit({ endpoint: server.endpoint })
    const project = await getOrCreateProject('bench', { client, signal })
    const fn = await project.newFunction({ name: 'accept', image: 'none', command: 'true' }, { signal })
    const task = await client.tasks.ensure(project.name, fn.entity, 'job', { signal })
    const body = { kind: 'container+job:run', spec: { task: `${task.kind}://${project.name}/${task.id}` } }
    const submit = () => client.runs.create(project.name, body, { signal })
    await inParallel(CLIENTS, WARM_UP, submit)
    say(`${RUNS} runs by ${CLIENTS} clients`)
    const latencies: number[] = []
    const total = await timed(() => inParallel(CLIENTS, RUNS, async () => void latencies.push(await timed(submit))))
    const note = `${CLIENTS} clients, ${RUNS} runs; median ${median(latencies).toFixed(0)} ms, p95 ${p95(latencies).toFixed(0)} ms`
    return [{ name: 'runs accepted, memory engine', value: RUNS / (total / 1000), unit: '/s', note }]
  } finally {
    await server.stop()
  }
}
