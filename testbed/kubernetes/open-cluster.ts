import { mkdir } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { isAlive } from '../../packages/server/src/supervise/process-identity.ts'
import { withLock } from '../../packages/server/src/supervise/lock-file.ts'
import { holdCluster, type OwnCluster, type TestCluster } from './cluster.ts'
import { clusterNames, nodeCount, nodesOf, ownerOf, readSettings, wasReady } from './cluster-state.ts'
import { removeCluster } from './down.ts'
import { givenCluster } from './given-cluster.ts'
import type { Say } from './go-build.ts'
import { findHolder } from './holder.ts'
import { clusterPaths, testbedHome } from './layout.ts'
import { clusterPrograms } from './programs.ts'
import { bringUp } from './up.ts'

export interface OpenOptions {
  /** Default: a name that nobody has. */
  readonly name?: string
  /** Real nodes. Default: 1, and 0 with `kwok`. */
  readonly nodes?: number
  /** Nodes that kwok plays. Default: 0. */
  readonly kwok?: number
  /** A registry on `localhost:5000` of node n1. */
  readonly registry?: boolean
  /** Told what is done, in lines for people. Default: nobody. */
  readonly say?: Say
  readonly signal?: AbortSignal | undefined
  /** Pid of the process that it is for: when that is gone, the next to open one removes it. Default: without a name ours, else none. */
  readonly owner?: number
  /** Builds kwok in any case, for clusters that are opened later from within this one's network, where nothing can be fetched. */
  readonly buildKwok?: boolean
}

const quiet: Say = () => undefined

/** Runs `work` while nobody else brings up or takes down the cluster of this name. */
const alone = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  await mkdir(testbedHome(), { recursive: true, mode: 0o755 })
  return withLock(`${clusterPaths(name).dir}.lock`, work)
}

/** Removes a cluster and all that is left of it; nothing to do where there is none. */
export const closeCluster = (name: string): Promise<void> => alone(name, () => removeCluster(clusterPaths(name)))

/** Removes the clusters that were opened for a process that is gone: it was killed before it could close them. */
export const sweepAbandoned = async (): Promise<void> => {
  for (const name of await clusterNames()) {
    const owner = await ownerOf(clusterPaths(name))
    if (owner && !isAlive(owner)) await closeCluster(name)
  }
}

/**
 * Brings a cluster up: seconds, once its programs are built. Under a name that is up already it is that one, if it was made with the
 * same options. Aborted or failed, it leaves nothing. `close` removes it.
 */
export const openCluster = async (options: OpenOptions = {}): Promise<OwnCluster> => {
  const { name = `test-${randomBytes(4).toString('hex')}`, kwok = 0, registry = false, say = quiet, signal } = options
  const settings = { name, nodes: options.nodes ?? (kwok > 0 ? 0 : 1), fakeNodes: kwok, registry }
  const paths = clusterPaths(name)
  const programs = await clusterPrograms({ kwok: kwok > 0 || options.buildKwok === true, say, signal })
  await sweepAbandoned()
  const whole = { paths, settings, programs }
  await alone(name, async () => {
    try {
      signal?.throwIfAborted()
      await bringUp({ ...whole, say, signal, owner: options.owner ?? (options.name === undefined ? process.pid : undefined) })
    } catch (error) {
      await removeCluster(paths)
      throw error
    }
  })
  return holdCluster(whole, () => closeCluster(name))
}

/** Takes hold of a cluster that is up, which its `close` leaves as it is; undefined: there is none. */
export const attachCluster = async (name: string): Promise<OwnCluster | undefined> => {
  const paths = clusterPaths(name)
  const settings = await readSettings(paths)
  if (!settings || !(await wasReady(paths)) || !nodesOf(paths, nodeCount(settings)).every((node) => findHolder(node))) return undefined
  const programs = await clusterPrograms({ kwok: settings.fakeNodes > 0, say: quiet })
  return holdCluster({ paths, settings, programs }, () => Promise.resolve())
}

/** Name of the cluster that the tests of one run share: `npm test` sets it for the test files it starts. */
export const SHARED_CLUSTER = 'DAVIT_TESTBED_CLUSTER'

/**
 * The cluster for a test file: the one that its run shares; started by hand, the one named `default` if it is up; else one of its own
 * that ends with `close`. The user's, if DAVIT_TEST_KUBECONFIG names one: that has no `component`s to break, so ask `isOwn` first.
 */
export const reuseOrOpenCluster = async (): Promise<TestCluster> => {
  const given = process.env['DAVIT_TEST_KUBECONFIG']
  if (given) return givenCluster(given)
  const name = process.env[SHARED_CLUSTER] ?? 'default'
  const settings = await readSettings(clusterPaths(name))
  if (!settings || !(await wasReady(clusterPaths(name)))) return openCluster({ registry: true })
  // What a test before this one stopped or killed, and did not start again, is repaired.
  const cluster = await openCluster({ name, nodes: settings.nodes, kwok: settings.fakeNodes, registry: settings.registry })
  return { ...cluster, close: () => Promise.resolve() }
}

/**
 * The same for tests that call pods, services and nodes by their addresses. Outside the cluster's network those would be the addresses of
 * somebody else, so only `npm test` starts them, within it.
 */
export const clusterAround = (): Promise<TestCluster> => {
  if (process.env['DAVIT_TEST_KUBECONFIG'] || process.env[SHARED_CLUSTER]) return reuseOrOpenCluster()
  return Promise.reject(new Error('this test calls addresses that only the network of its cluster has: start it by `npm test -- TIER -t NAME`'))
}

/** Whether a cluster is the testbed's, so that its parts can be stopped and its images loaded. */
export const isOwn = (cluster: TestCluster): cluster is OwnCluster => 'components' in cluster
