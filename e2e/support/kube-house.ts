import { randomBytes } from 'node:crypto'
import type { FunctionHandle, ProjectHandle, RunHandle } from 'davit'
import { onTestFailed } from 'vitest'
import { buildTestImage } from '../../testbed/images/index.ts'
import { isOwn, clusterAround, STORAGE_CLASS, type TestCluster } from '../../testbed/kubernetes/index.ts'
import { grant } from '../../packages/server/src/engines/kubernetes/kubernetes-fixture.ts'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import { type House, openHouse } from './house.ts'
import { IMAGE } from './test-engine.ts'

/** For what only a cluster of the testbed has: its registry, its audit log, nodes that nobody else needs. */
export const ON_OWN_CLUSTER = process.env['DAVIT_TEST_KUBECONFIG'] === undefined

export interface KubeHouseOptions {
  readonly flags?: readonly string[]
  /** `cluster`: may make namespaces too, and has one for each project. Default: everything in one. */
  readonly role?: 'namespace' | 'cluster'
  /** Of the one namespace. */
  readonly labels?: Readonly<Record<string, string>>
  /** Default: the cluster of the tests. */
  readonly open?: () => Promise<TestCluster>
}

export type RunOptions = NonNullable<Parameters<FunctionHandle['run']>[1]>

/** What of an API object these tests look at. */
export interface Thing {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[]
  }
  readonly spec?: Readonly<Record<string, unknown>>
}

/** A server on a real cluster, as a user who has Davit's own role there and nothing else, in a namespace that ends with it. */
export interface KubeHouse {
  readonly house: House
  readonly cluster: TestCluster
  readonly user: string
  readonly namespace: string
  /** Part of names that must differ between test files. */
  readonly mark: string
  readonly project: ProjectHandle
  /** kubectl as administrator, in the namespace. */
  kubectl(...args: readonly string[]): Promise<string>
  /** Makes objects as administrator, in the namespace unless they name another. */
  put(...objects: readonly object[]): Promise<void>
  /** A job of a line of shell. */
  job(script: string, options?: RunOptions): Promise<RunHandle>
  deploy(script: string, options?: RunOptions): Promise<RunHandle>
  /** Serves `/www` of the test image on port 8501 of the container and 80 of the service. */
  serve(options?: RunOptions): Promise<RunHandle>
  /** What there is of a run in the cluster. */
  thingsOf(run: Pick<RunHandle, 'id'>, kinds: string): Promise<readonly Thing[]>
  close(): Promise<void>
}

/** Of a run that stays: ends at once when it is told to. */
export const STAYS = 'trap "exit 0" TERM; echo up; while :; do sleep 0.2; done'

const PORTS = [{ port: 80, target_port: 8501 }]

/** The verbs of a user who knows what a shell is. */
const verbsOf = (shell: FunctionHandle) => ({
  job: (script: string, options: RunOptions = {}) => shell.run('job', { args: ['-c', script], termination_grace_period_seconds: 2, ...options }),
  deploy: (script: string, options: RunOptions = {}) => shell.run('deploy', { args: ['-c', script], termination_grace_period_seconds: 2, ...options }),
  serve: (options: RunOptions = {}) =>
    shell.run('serve', {
      args: ['-c', 'echo up; exec httpd -f -p 8501 -h /www'],
      termination_grace_period_seconds: 2,
      service_type: 'ClusterIP',
      service_ports: PORTS,
      ...options,
    }),
})

/** The same in another project of a house. */
export async function verbsIn(project: ProjectHandle) {
  return verbsOf(await project.newFunction({ name: 'shell', kind: 'container', image: IMAGE, command: 'sh' }))
}

const asList = (objects: readonly object[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })

/** A namespace on the cluster of the tests with a user of its own. `close` removes both. */
export async function kubePlace({ role = 'namespace', labels = {}, open = clusterAround }: Omit<KubeHouseOptions, 'flags'> = {}) {
  const cluster = await open()
  const mark = randomBytes(3).toString('hex')
  const [namespace, user] = [`e2e-${mark}`, `davit-e2e-${mark}`]
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }))
  await grant(cluster, user, role, namespace)
  if (isOwn(cluster)) await cluster.load((await buildTestImage()).tar)
  const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl(['-n', namespace, ...args])
  return {
    cluster,
    mark,
    namespace,
    user,
    kubeconfig: await cluster.userKubeconfig({ user, namespace }),
    kubectl,
    put: async (...objects: readonly object[]) => void (await cluster.kubectl(['-n', namespace, 'apply', '-f', '-'], asList(objects))),
    close: async () => {
      const all = (await cluster.kubectl(['get', 'namespaces', '-o', 'name'])).split('\n')
      const mine = all.filter((name) => name.startsWith(`namespace/e2e-${mark}`))
      await cluster.kubectl(['delete', '--ignore-not-found', '--wait=false', ...mine])
      const role = `davit-namespaces-${user}`
      await cluster.kubectl(['delete', '--ignore-not-found', `clusterrolebinding/${role}`, `clusterrole/${role}`])
      await cluster.close()
    },
  }
}

export async function kubeHouse({ flags = [], ...options }: KubeHouseOptions = {}): Promise<KubeHouse> {
  const place = await kubePlace(options)
  const { namespace, mark, kubectl } = place
  const where = options.role === 'cluster' ? ['--namespace-per-project', '--namespace-prefix', `e2e-${mark}-`] : ['--namespace', namespace]
  const opened = openHouse({ engine: { kubeconfig: place.kubeconfig }, flags: [...where, '--default-storage-class', STORAGE_CLASS, ...flags] })
  const house = await opened.catch(async (error: unknown) => {
    await place.close()
    throw error
  })
  const project = await house.project('suite')
  return {
    ...place,
    house,
    project,
    ...(await verbsIn(project)),
    thingsOf: async ({ id }, kinds) => JSON.parse(await kubectl('get', kinds, '-l', `davit.dev/run=${id}`, '-o', 'json')).items,
    close: async () => {
      await house.close()
      await place.close()
    },
  }
}

/** What it wrote. */
export const textOf = async (run: RunHandle): Promise<string> => (await run.logs()).map(({ text }) => text).join('')

/** Waits until it has ended well, and gives what it wrote. */
export async function outputOf(run: RunHandle): Promise<string> {
  await run.wait({ timeoutMs: 60_000 })
  if (run.state !== 'COMPLETED') throw new Error(`run ${run.name} is ${run.state}: ${JSON.stringify(run.status)}`)
  return textOf(run)
}

export const ready = (run: RunHandle): Promise<RunHandle> => run.wait({ until: 'ready', timeoutMs: 60_000 })

/** Waits until a run says why it is not as wanted, and gives the code with all the evidence. */
export async function whyNot(run: RunHandle): Promise<{ readonly code: string; readonly words: string; readonly state: string }> {
  const told = await waitUntil(async () => (await run.refresh()).verdict, { timeout: 40_000, every: 200 })
  if (!told) throw new Error(`run ${run.name} is ${run.state} and says of nothing that it is wrong: ${JSON.stringify(run.status)}`)
  return { code: told.code, words: told.evidence.join('\n'), state: run.state }
}

export async function stopped(...runs: readonly RunHandle[]): Promise<void> {
  for (const run of runs) await run.refresh()
  const active = runs.filter(({ state }) => ['PENDING', 'RUNNING', 'READY', 'CREATED'].includes(state))
  await Promise.all(active.map((run) => run.stop().catch(() => undefined)))
  await Promise.all(active.map((run) => run.wait({ timeoutMs: 60_000 })))
}

/** Shows the server's log and what the cluster has, before anything is cleaned away. */
export const tellWhenFailed = ({ house, kubectl }: KubeHouse): void =>
  onTestFailed(async () => {
    const said = await kubectl('get', 'jobs,deployments,pods,services,events').catch(String)
    process.stderr.write(`${house.logs().slice(-6000)}\n--- the cluster\n${said.slice(-8000)}\n`)
  })
