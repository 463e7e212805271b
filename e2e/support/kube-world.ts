import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { onTestFailed } from 'vitest'
import { isOwn, type OwnCluster, clusterAround } from '../../testbed/kubernetes/index.ts'
import { buildTestImage } from '../../testbed/images/index.ts'
import type { Upstream } from '../../packages/server/src/engines/kubernetes/client/testing/api-proxy.ts'
import { grant } from '../../packages/server/src/engines/kubernetes/kubernetes-fixture.ts'
import { LABEL } from '../../packages/server/src/engines/kubernetes/labels.ts'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'

const KINDS = 'jobs,deployments,replicasets,pods,services,secrets,configmaps,persistentvolumeclaims'

/** A cluster whose parts may be broken, with a namespace for one test file and a user who has Davit's own role there and nothing else. */
export interface KubeWorld {
  readonly cluster: OwnCluster
  readonly namespace: string
  readonly user: string
  /** Of that user; its context names the namespace. */
  readonly kubeconfig: string
  /** kubectl as administrator, in the namespace. */
  kubectl(...args: readonly string[]): Promise<string>
  /** Names of all pods that the cluster ever made for an object: its controllers say each one. */
  podsMadeFor(owner: string): Promise<readonly string[]>
  /** What is in the cluster of these runs, once it had time to go. */
  leftOf(runs: readonly { readonly id: string }[]): Promise<readonly string[]>
  /** For a proxy that speaks as the user. */
  upstream(): Promise<Upstream>
  /** What the user made, by path: how often the API server answered that it is new. */
  madeByUser(): Promise<ReadonlyMap<string, number>>
  close(): Promise<void>
}

interface KubeEventList {
  readonly items: readonly { readonly message?: string; readonly involvedObject: { readonly name?: string } }[]
}

interface AuditLine {
  readonly user: { readonly username: string }
  readonly requestURI: string
  readonly verb: string
  readonly responseStatus?: { readonly code?: number }
}

/** What the cluster lost when a test failed before it could put it right again. */
export async function repair(cluster: OwnCluster): Promise<void> {
  for (const one of cluster.components) {
    if (one.state() === 'stopped') await one.signal('SIGCONT')
    await one.start()
  }
  await answering(cluster)
}

/** Waits until the API server answers, the controllers work and every node is ready. */
export async function answering(cluster: OwnCluster): Promise<void> {
  const ready = async (): Promise<boolean> => {
    const nodes = await cluster.kubectl(['get', 'nodes', '--request-timeout=3s', '--no-headers']).catch(() => '')
    return nodes.split('\n').filter((line) => / Ready /.test(line)).length === cluster.nodeNames.length
  }
  if (!(await waitUntil(ready, { timeout: 60_000, every: 300 }))) throw new Error(`the cluster ${cluster.name} is not well again`)
}

const upstreamOf = async (kubeconfig: string): Promise<Upstream> => {
  const { clusters, users } = JSON.parse(await readFile(kubeconfig, 'utf8')) // JSON is YAML, and what the testbed writes
  const text = (base64: string): string => Buffer.from(base64, 'base64').toString()
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster
  const { 'client-certificate-data': cert, 'client-key-data': key } = users[0].user
  return { url: server, ca: text(ca), cert: text(cert), key: text(key) }
}

/** Objects that the API server made new for a user, each by its path, with how often. */
async function madeBy(user: string, auditLog: string): Promise<ReadonlyMap<string, number>> {
  const made = new Map<string, number>()
  for (const line of (await readFile(auditLog, 'utf8')).split('\n')) {
    if (!line.includes(`"${user}"`)) continue
    const { requestURI, verb, responseStatus }: AuditLine = JSON.parse(line)
    if (verb !== 'patch' || responseStatus?.code !== 201 || requestURI.includes('dryRun')) continue
    const path = requestURI.replace(/\?.*$/, '')
    made.set(path, (made.get(path) ?? 0) + 1)
  }
  return made
}

export async function kubeWorld(kinds: 'namespace' | 'cluster' = 'namespace'): Promise<KubeWorld> {
  const cluster = await clusterAround()
  if (!isOwn(cluster)) throw new Error('these tests break parts of the cluster, so they need one of the testbed')
  await repair(cluster)
  const mark = randomBytes(3).toString('hex')
  const namespace = `e2e-${mark}`
  const user = `davit-e2e-${mark}`
  await cluster.kubectl(['create', 'namespace', namespace])
  await grant(cluster, user, kinds, namespace)
  await cluster.load((await buildTestImage()).tar)
  const kubeconfig = await cluster.userKubeconfig({ user, namespace })
  const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl(['-n', namespace, ...args])
  const left = async (runs: readonly { readonly id: string }[]): Promise<readonly string[]> => {
    const found = await cluster.kubectl(['get', KINDS, '-A', '-l', `${LABEL.run} in (${runs.map(({ id }) => id).join(',')})`, '-o', 'name'])
    return found.split('\n').filter((line) => line !== '')
  }
  return {
    cluster,
    namespace,
    user,
    kubeconfig,
    kubectl,
    podsMadeFor: async (owner) => {
      const { items }: KubeEventList = JSON.parse(await cluster.kubectl(['get', 'events', '-A', '--field-selector', 'reason=SuccessfulCreate', '-o', 'json']))
      const of = items.filter(({ involvedObject }) => involvedObject.name === owner)
      return [...new Set(of.flatMap(({ message }) => /Created pod: (\S+)/.exec(message ?? '')?.[1] ?? []))]
    },
    leftOf: async (runs) => {
      await waitUntil(async () => (await left(runs)).length === 0, { timeout: 40_000, every: 300 })
      return left(runs)
    },
    upstream: () => upstreamOf(kubeconfig),
    madeByUser: () => madeBy(user, cluster.auditLog),
    close: async () => {
      await repair(cluster)
      await cluster.kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false'])
      if (kinds === 'cluster')
        await cluster.kubectl(['delete', '--ignore-not-found', `clusterrolebinding/davit-namespaces-${user}`, `clusterrole/davit-namespaces-${user}`])
      await cluster.close()
    },
  }
}

/** Shows what the cluster has to say when a test failed, before anything is cleaned away. */
export const tellOnFailure = ({ kubectl }: KubeWorld): void =>
  onTestFailed(async () => {
    const said = await kubectl('get', 'jobs,deployments,pods', '-o', 'wide').catch(String)
    process.stderr.write(`--- the cluster\n${said}\n`)
  })
