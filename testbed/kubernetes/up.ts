import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identify } from '../../packages/server/src/supervise/process-identity.ts'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import { makeCgroups } from './cgroups.ts'
import { allComponents, nodeCount, nodesOf, readSettings, wasReady, type WholeCluster, writeSettings } from './cluster-state.ts'
import { removeCluster } from './down.ts'
import type { Say } from './go-build.ts'
import { findHolder, kubeconfigHere, startHolder } from './holder.ts'
import { importImage } from './images.ts'
import { type KubeClient, kubeClient } from './kube-call.ts'
import { makeFakeNodes } from './kwok-stages.ts'
import type { NodePaths } from './layout.ts'
import { writeClusterFiles, writeNodeFiles } from './node-files.ts'
import { nodeImages } from './node-images.ts'
import { linkFirstNode, linkFurtherNode, mountNode } from './node-network.ts'
import { firstObjects, nodesReady } from './first-objects.ts'
import { relayRuns, startRelay } from './relay.ts'
import { writeHostKubeconfig } from './pki.ts'

export interface UpOptions extends WholeCluster {
  readonly say: Say
  readonly signal?: AbortSignal | undefined
  /** Pid of the process that it is for: when that has ended, whoever opens a cluster next removes it. */
  readonly owner?: number | undefined
}

const START_MS = 120_000

const portFile = ({ paths }: WholeCluster): string => join(paths.dir, 'port')

const connectHost = async (cluster: WholeCluster, holder: number): Promise<void> => {
  const before = Number(await readFile(portFile(cluster), 'utf8').catch(() => 'none'))
  const port = await startRelay(cluster.paths, holder, Number.isInteger(before) ? before : undefined)
  await writeFile(portFile(cluster), String(port))
  await writeHostKubeconfig(cluster.paths, port)
}

const makeNode = async (cluster: WholeCluster, node: NodePaths, index: number): Promise<number> => {
  const { paths, settings, programs } = cluster
  await writeNodeFiles({ settings, cluster: paths, node, index, programs })
  await makeCgroups(node.cgroup)
  const { pid } = await startHolder(node, programs.pause)
  await mountNode({ cluster: paths, node, index, pid, env: programs.env })
  return pid
}

const makeNodes = async (cluster: WholeCluster): Promise<number> => {
  const { paths, settings, programs } = cluster
  const pids: number[] = []
  for (const [index, node] of nodesOf(paths, nodeCount(settings)).entries()) {
    const pid = await makeNode(cluster, node, index)
    pids.push(pid)
    const namespaces = { cluster: paths, node, index, pid, env: programs.env }
    if (index === 0) await linkFirstNode(namespaces)
    else await linkFurtherNode(namespaces, pids[0] ?? pid)
  }
  return pids[0] ?? 0
}

const startAll = async (cluster: WholeCluster, names: readonly string[]): Promise<void> => {
  for (const each of allComponents(cluster)) if (names.includes(each.name)) await each.start()
}

const untilReady = async ({ signal, paths, ...cluster }: UpOptions, client: KubeClient): Promise<void> => {
  const apiserver = allComponents({ ...cluster, paths }).find(({ name }) => name === 'kube-apiserver')
  const answers = async () => {
    if (apiserver?.state() === 'gone') throw new Error(['kube-apiserver ended:', ...(await apiserver.tail(5))].join('\n'))
    return client.call('GET', '/readyz').then(
      ({ status }) => status === 200,
      () => false,
    )
  }
  if (!(await waitUntil(answers, { timeout: START_MS, every: 50, signal }))) throw new Error(`the API server is not ready after ${START_MS / 1000} s`)
}

const importWhenUp = async (cluster: UpOptions): Promise<void> => {
  const images = await nodeImages(cluster.programs.pause)
  for (const node of nodesOf(cluster.paths, cluster.settings.nodes))
    for (const tar of images) {
      let why: unknown
      const done = () =>
        importImage(cluster, node, tar).then(
          () => true,
          (error: unknown) => void (why = error),
        )
      if (!(await waitUntil(done, { timeout: 30_000, every: 100, signal: cluster.signal }))) throw why
    }
}

/** A part that ends soon after its start would be missed only by the test that needs it. */
const checkAlive = async (cluster: UpOptions): Promise<void> => {
  for (const each of allComponents(cluster))
    if (each.state() === 'gone') throw new Error([`${each.name} on ${each.node} ended:`, ...(await each.tail(5))].join('\n'))
}

const finish = async (cluster: UpOptions, holder: number): Promise<void> => {
  const client = await kubeClient(kubeconfigHere(cluster.paths, holder))
  try {
    await untilReady(cluster, client)
    cluster.say('the API server is ready')
    await startAll(cluster, ['kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'registry', 'kwok'])
    await firstObjects(client)
    await makeFakeNodes(client, cluster.settings.fakeNodes)
    await importWhenUp(cluster)
    const { nodes, fakeNodes } = cluster.settings
    if (!(await waitUntil(() => nodesReady(client, nodes + fakeNodes), { timeout: START_MS, every: 100, signal: cluster.signal })))
      throw new Error(`not all nodes are ready after ${START_MS / 1000} s`)
    await checkAlive(cluster)
  } finally {
    client.close()
  }
}

const make = async (cluster: UpOptions): Promise<void> => {
  const { paths, settings } = cluster
  await removeCluster(paths)
  await mkdir(paths.dir, { recursive: true, mode: 0o755 })
  await writeSettings(paths, settings)
  const owner = cluster.owner === undefined ? undefined : identify(cluster.owner)
  if (owner) await writeFile(paths.owner, JSON.stringify(owner))
  await writeClusterFiles(paths, settings)
  const holder = await makeNodes(cluster)
  await startAll(cluster, ['etcd', 'kube-apiserver', 'containerd'])
  await connectHost(cluster, holder)
  await finish(cluster, holder)
  await writeFile(paths.ready, '')
}

/** A whole cluster of which something was ended or stopped goes on with its data. */
const revive = async (cluster: UpOptions, holder: number): Promise<void> => {
  for (const each of allComponents(cluster)) if (each.state() === 'stopped') await each.signal('SIGCONT')
  await startAll(cluster, ['etcd', 'kube-apiserver', 'containerd'])
  if (!relayRuns(cluster.paths)) await connectHost(cluster, holder)
  await finish(cluster, holder)
}

const isSame = (a: object, b: object | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)

/**
 * Brings a cluster up and returns when its nodes are ready. One that was whole and still has its namespaces is kept, and what ended of
 * it is started again; anything else under this name (killed in the middle, from before a reboot, of other settings) is removed first.
 */
export const bringUp = async (cluster: UpOptions): Promise<'made' | 'kept'> => {
  const holders = nodesOf(cluster.paths, nodeCount(cluster.settings)).map(findHolder)
  const [first] = holders
  const whole = holders.every((found) => found) && (await wasReady(cluster.paths)) && isSame(cluster.settings, await readSettings(cluster.paths))
  if (first && whole) await revive(cluster, first.pid)
  else await make(cluster)
  return whole ? 'kept' : 'made'
}
