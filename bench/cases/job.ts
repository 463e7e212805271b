import { Davit, type FunctionHandle, getOrCreateProject } from 'davit'
import Docker from 'dockerode'
import { engineApi, engineEndpoint } from '../../demo/engine.ts'
import { buildTestImage } from '../../testbed/images/index.ts'
import { startServer } from '../../tools/davit-server.ts'
import type { Bench, BenchContext, Figure } from '../bench.ts'
import { inParallel, interleaved, median } from '../measure.ts'

const ROUNDS = 25
const PARALLEL = { rounds: 6, at_once: 8 } as const
const NETWORK = 'davit-bench'
const COMMAND = ['true']

const dockerAt = (endpoint: string): Docker => {
  if (endpoint.startsWith('unix://')) return new Docker({ socketPath: endpoint.slice('unix://'.length) })
  const { hostname, port } = new URL(endpoint)
  return new Docker({ host: hostname, port })
}

/** What anybody does who runs a container by hand through the API: create, start, wait, remove. */
const rawRun = (docker: Docker, image: string) => async (): Promise<void> => {
  const container = await docker.createContainer({ Image: image, Cmd: COMMAND, HostConfig: { NetworkMode: NETWORK } })
  await container.start()
  await container.wait()
  await container.remove()
}

const davitRun = (fn: FunctionHandle, signal: AbortSignal) => async (): Promise<void> => {
  const run = await fn.run('job', { wait: true }, { signal })
  if (run.state !== 'COMPLETED') throw new Error(`a job of the bench ended as ${run.state}: ${run.verdict?.title ?? 'no verdict'}`)
}

const figures = (name: string, ours: readonly number[], raw: readonly number[]): readonly Figure[] => {
  const [of, against] = [median(ours), median(raw)]
  const note = `medians ${of.toFixed(0)} ms ÷ ${against.toFixed(0)} ms of ${ours.length}`
  return [{ name, value: of / against, unit: '×', goal: '≤ 1.1', note }]
}

const compare = async (ours: () => Promise<void>, raw: () => Promise<void>, { say }: BenchContext): Promise<readonly Figure[]> => {
  say(`one after the other, ${ROUNDS} rounds`)
  const single = await interleaved(ROUNDS, ours, raw)
  say(`${PARALLEL.at_once} at once, ${PARALLEL.rounds} rounds`)
  const batch = (work: () => Promise<void>) => () => inParallel(PARALLEL.at_once, PARALLEL.at_once, work)
  const many = await interleaved(PARALLEL.rounds, batch(ours), batch(raw))
  return [
    ...figures('local job ÷ raw Docker, sequential', single.ours, single.raw),
    ...figures(`local job ÷ raw Docker, ${PARALLEL.at_once} at once`, many.ours, many.raw),
  ]
}

/** A job through Davit, from submit to the answer that it is final, against the same container through the bare Docker API. */
export const job: Bench = async (context) => {
  const said: string[] = []
  const server = await startServer({ data: context.folder, flags: ['--ephemeral'], onLine: (line) => said.push(line), signal: context.signal })
  try {
    const client = new Davit({ endpoint: server.endpoint })
    const endpoint = await engineEndpoint(client, said, context.signal)
    const image = await buildTestImage('busybox')
    await engineApi(endpoint).loadImage(image.tar)
    const docker = dockerAt(endpoint)
    const network = await docker.createNetwork({ Name: NETWORK, CheckDuplicate: true })
    try {
      const project = await getOrCreateProject('bench', { client })
      const fn = await project.newFunction({ name: 'true', image: image.name, entrypoint: 'true' })
      return await compare(davitRun(fn, context.signal), rawRun(docker, image.name), context)
    } finally {
      await network.remove()
    }
  } finally {
    await server.stop()
  }
}
