import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inParallel } from '../bench/measure.ts'
import { grant } from '../packages/server/src/engines/kubernetes/kubernetes-fixture.ts'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { openCluster, type OwnCluster, RUNS_FOR } from '../testbed/kubernetes/index.ts'
import { type House, testHouse } from './support/house.ts'

const RUNS = 1000
const CLIENTS = 16
/** What a server may take with 10,000 runs, in MB. */
const MOST_MB = 400
const [NAMESPACE, USER] = ['thousand', 'davit-thousand']

let cluster: OwnCluster
beforeAll(async () => {
  cluster = await openCluster({ kwok: 20 })
  await cluster.kubectl(['create', 'namespace', NAMESPACE])
  await grant(cluster, USER, 'namespace', NAMESPACE)
})
afterAll(() => cluster?.close())

/** Of each Job, the run that it was made for. */
const runsOfJobs = async (): Promise<readonly string[]> => {
  const path = '{range .items[*]}{.metadata.labels.davit\\.dev/run}{"\\n"}{end}'
  const found = await cluster.kubectl(['-n', NAMESPACE, 'get', 'jobs', '-o', `jsonpath=${path}`])
  return found.split('\n').filter((line) => line !== '')
}

const megabytesOf = async ({ server }: House): Promise<number> =>
  Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${server.pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024

test('sixteen clients submit a thousand runs to a server that is killed twice meanwhile: each becomes one Job and runs, in little memory', async () => {
  const kubeconfig = await cluster.userKubeconfig({ user: USER, namespace: NAMESPACE })
  const house = await testHouse({ engine: { kubeconfig }, flags: ['--namespace', NAMESPACE] })
  const project = await house.project()
  const fn = await project.newFunction({ name: 'many', kind: 'container', image: 'played', command: 'true' })
  const acknowledged: string[] = []
  const submitted = inParallel(CLIENTS, RUNS, async () => void acknowledged.push((await fn.run('job', { annotations: { [RUNS_FOR]: '2h' } })).id))
  submitted.catch(() => undefined) // awaited below; a failure until then must not end the test run
  for (const part of [0.2, 0.5]) {
    while (acknowledged.length < RUNS * part) await sleep(20)
    await house.server.end('SIGKILL')
    await house.start()
  }
  await submitted
  const running = async (): Promise<boolean> => (await house.client().runs.list(project.name, { state: 'RUNNING', size: 1 })).total === RUNS
  expect(await waitUntil(running, { timeout: 240_000, every: 1000 })).toBe(true)
  expect((await runsOfJobs()).toSorted()).toEqual(acknowledged.toSorted())
  expect(await megabytesOf(house)).toBeLessThan(MOST_MB)
}, 400_000)
