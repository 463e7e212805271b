import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseAllDocuments } from 'yaml'
import { processStat } from '#supervise/process-identity.ts'
// oxlint-disable-next-line no-restricted-imports -- the testbed is no package: it has no other name
import { isOwn, type OwnCluster, clusterAround, STORAGE_CLASS, type TestCluster } from '../../../../../testbed/kubernetes/index.ts'
// oxlint-disable-next-line no-restricted-imports -- as above
import { buildTestImage, testImageName } from '../../../../../testbed/images/index.ts'
import type { EngineFixture } from '../conformance.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import { kubernetesEngine } from './engine.ts'
import { LABEL } from './labels.ts'

const KINDS = 'jobs,deployments,replicasets,pods,services,secrets,configmaps,persistentvolumeclaims'
const LEAVING_MS = 40_000

export interface KubernetesFixture extends EngineFixture {
  readonly cluster: TestCluster
  readonly settings: ClusterSettings
  /** The namespace of a project. */
  readonly namespaceOf: (project: string) => string
}

/** Gives a user exactly what `deploy/rbac.yaml` gives Davit. */
export async function grant(cluster: TestCluster, user: string, kinds: 'namespace' | 'cluster', namespace: string): Promise<void> {
  const text = await readFile(new URL('../../../../../deploy/rbac.yaml', import.meta.url), 'utf8')
  const wanted = kinds === 'namespace' ? ['Role', 'RoleBinding'] : ['ClusterRole', 'ClusterRoleBinding']
  const subject = { kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }
  const documents = parseAllDocuments(text)
    .map((document): { kind: string; metadata: { name: string; namespace?: string }; roleRef?: { name: string } } => document.toJS())
    .filter(({ kind }) => wanted.includes(kind))
    .map((object) => ({
      ...object,
      metadata: { name: `${object.metadata.name}-${user}`, ...(kinds === 'namespace' && { namespace }) },
      ...(object.roleRef && { roleRef: { ...object.roleRef, name: `${object.roleRef.name}-${user}` }, subjects: [subject] }),
    }))
  if (documents.length < 2) throw new Error(`deploy/rbac.yaml has no ${wanted.join(' and ')}`)
  await cluster.kubectl(['apply', '-f', '-'], documents.map((object) => JSON.stringify(object)).join('\n---\n'))
}

/** The first process of a pod's container, found by its container's id in the node's cgroups. */
async function firstProcessOf({ kubectl }: TestCluster, pod: string): Promise<number> {
  const where = ['get', 'pods', '-A', `--field-selector=metadata.name=${pod}`, '-o', 'jsonpath={.items[0].status.containerStatuses[0].containerID}']
  const id = (await kubectl(where)).replace(/^.*\/\//, '')
  const all = await processesOf(id)
  // Not the lowest pid: those are given out again from the beginning.
  const first = all.find((one) => !all.includes(processStat(one)?.parent ?? 0))
  if (first === undefined) throw new Error(`no process of container ${id} of pod ${pod}`)
  return first
}

async function processesOf(containerId: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found: number[] = []
  for (const pid of pids) {
    const cgroup = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')
    if (containerId !== '' && cgroup.includes(containerId)) found.push(pid)
  }
  return found
}

async function leftovers({ kubectl }: TestCluster, namespace: string, runId: string): Promise<readonly string[]> {
  const look = async (): Promise<string[]> =>
    (await kubectl(['-n', namespace, 'get', KINDS, '-l', `${LABEL.run}=${runId}`, '-o', 'name'])).split('\n').filter((line) => line !== '')
  const until = Date.now() + LEAVING_MS
  for (let left = await look(); ; left = await look()) {
    if (left.length === 0 || Date.now() > until) return left
    await sleep(300)
  }
}

const restart = async (cluster: OwnCluster, signalled: string | undefined): Promise<void> => {
  const server = cluster.component('kube-apiserver')
  const pid = signalled === undefined ? undefined : await firstProcessOf(cluster, signalled)
  await server.signal('SIGKILL')
  if (pid !== undefined) process.kill(pid, 'SIGUSR1')
  await sleep(500)
  await server.start()
}

/** Engines on a real cluster, under the very role that Davit ships, each project in a namespace of its own. */
export async function kubernetesFixture(): Promise<KubernetesFixture> {
  const cluster = await clusterAround()
  const mark = randomBytes(3).toString('hex')
  const user = `davit-${mark}`
  await grant(cluster, user, 'cluster', 'default')
  if (isOwn(cluster)) for (const kind of ['busybox', 'entrypoint'] as const) await cluster.load((await buildTestImage(kind)).tar)
  const kubeconfig = await cluster.userKubeconfig({ user })
  const folder = await mkdtemp(join(tmpdir(), 'davit-kube-'))
  const settings: ClusterSettings = { kubeconfig, namespacePerProject: true, namespacePrefix: `t${mark}-` }
  const namespaceOf = (project: string): string => `t${mark}-${project}`
  const make = (installation: string, own: ClusterSettings = settings) =>
    kubernetesEngine({ installation: `${installation}-${mark}`, clusters: { default: own }, defaults: { storageClass: STORAGE_CLASS } })
  const engines = {
    engine: make('conformance'),
    other: make('elsewhere'),
    unreachable: make('conformance', { kubeconfig: await nobodyAt(kubeconfig, folder) }),
  }
  return {
    ...engines,
    cluster,
    settings,
    namespaceOf,
    images: { shell: testImageName(), entrypoint: testImageName('entrypoint'), missing: 'localhost:1/davit/missing:1' },
    crash: async (name) => void process.kill(await firstProcessOf(cluster, name), 'SIGKILL'),
    leftovers: ({ runId, project }) => leftovers(cluster, namespaceOf(project), runId),
    share: async (project, claim) => {
      const spec = { accessModes: ['ReadWriteOnce'], storageClassName: STORAGE_CLASS, resources: { requests: { storage: '1Mi' } } }
      const manifest = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: claim, namespace: namespaceOf(project) }, spec }
      await cluster.kubectl(['create', 'namespace', namespaceOf(project)]).catch(() => undefined)
      await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(manifest))
    },
    ...(isOwn(cluster) && { restart: (signalled?: string) => restart(cluster, signalled) }),
    close: async () => {
      for (const engine of Object.values(engines)) await engine.close()
      const mine = (await cluster.kubectl(['get', 'namespaces', '-o', 'name'])).split('\n').filter((name) => name.startsWith(`namespace/t${mark}-`))
      if (mine.length > 0) await cluster.kubectl(['delete', '--wait=false', ...mine])
      await cluster.kubectl(['delete', '--ignore-not-found', `clusterrolebinding/davit-${user}`, `clusterrole/davit-${user}`]).catch(() => undefined)
      await rm(folder, { recursive: true, force: true })
      await cluster.close()
    },
  }
}

/** The same kubeconfig for an address where nobody listens. */
async function nobodyAt(kubeconfig: string, folder: string): Promise<string> {
  const text = (await readFile(kubeconfig, 'utf8')).replace(/https:\/\/[^"\s,]+/, 'https://127.0.0.1:1')
  const file = join(folder, 'nobody.kubeconfig')
  await writeFile(file, text, { mode: 0o600 })
  return file
}
