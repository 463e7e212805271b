import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Component } from './component.ts'
import type { ComponentName } from './component-commands.ts'
import { allComponents, nodeCount, nodesOf, type WholeCluster } from './cluster-state.ts'
import { findHolder, insideOf, kubeconfigHere } from './holder.ts'
import { importImage, pushImage } from './images.ts'
import { nodeName, nodePaths } from './layout.ts'
import { exposePort } from './relay.ts'
import { type TokenRequest, tokenKubeconfig, type UserRequest, userKubeconfig } from './users.ts'

/** What tests need of any cluster, ours or the user's. */
export interface TestCluster {
  readonly name: string
  /** Path of the administrator's kubeconfig that is right where this process runs. */
  readonly kubeconfig: string
  /** Runs kubectl as administrator and gives its stdout; throws with its stderr. `input` is its stdin, for `apply -f -`. */
  kubectl(args: readonly string[], input?: string): Promise<string>
  /** Path of a new kubeconfig for a user of these groups: allowed nothing but what RBAC gives it. */
  userKubeconfig(request: UserRequest): Promise<string>
  close(): Promise<void>
}

/** A cluster of the testbed. */
export interface OwnCluster extends TestCluster {
  /** Pid of the first process of node n1: its network namespace is the cluster's. */
  readonly pid: number
  /** For programs inside the cluster's network namespace, and for those outside of it. */
  readonly adminKubeconfig: string
  readonly hostKubeconfig: string
  /** Real nodes. */
  readonly nodeNames: readonly string[]
  readonly components: readonly Component[]
  /** Log of requests by users that are neither the cluster's parts nor administrators, one JSON object a line. */
  readonly auditLog: string
  component(name: ComponentName, node?: string): Component
  /** Gives a docker-archive to every node, or to one. */
  load(tar: Buffer | string, node?: string): Promise<void>
  /** Puts an image that node n1 has into the cluster's registry under `as` (`team/app:1`), off the node. Gives the name to pull it by. */
  push(image: string, as: string): Promise<string>
  /** Command line that runs another one in the cluster's network namespace, or (`node`) as a part of a node. */
  inside(command: readonly string[], node?: string): readonly string[]
  /** Makes a node port answer on the machine's 127.0.0.1 under the same number, until the cluster ends. Throws where that is taken. */
  expose(nodePort: number): Promise<number>
  /** Path of a kubeconfig with a service account's token that ends after so many seconds. */
  tokenKubeconfig(request: TokenRequest): Promise<string>
}

const runKubectl =
  (program: string, kubeconfig: string) =>
  async (args: readonly string[], input?: string): Promise<string> => {
    const running = promisify(execFile)(program, [`--kubeconfig=${kubeconfig}`, ...args], { maxBuffer: 512 * 1024 * 1024 })
    running.child.stdin?.on('error', () => undefined).end(input ?? '')
    return running.then(
      ({ stdout }) => stdout,
      (error: Error & { stderr?: string }) => Promise.reject(new Error(`kubectl ${args.join(' ')}: ${error.stderr?.trim() || error.message}`)),
    )
  }

/** Takes hold of a cluster that is up. `close` is what becomes of it then. */
export const holdCluster = (whole: WholeCluster, close: () => Promise<void>): OwnCluster => {
  const { paths, settings, programs } = whole
  const nodes = nodesOf(paths, nodeCount(settings))
  const firstNode = nodePaths(paths, 0)
  const pidOf = (name: string): number => {
    const node = nodes.find((each) => each.name === name)
    const holder = node && findHolder(node)
    if (!holder) throw new Error(`no node ${name} is up in the cluster ${paths.name}`)
    return holder.pid
  }
  const pid = pidOf(nodeName(0))
  const kubeconfig = kubeconfigHere(paths, pid)
  const components = allComponents(whole)
  return {
    name: paths.name,
    pid,
    kubeconfig,
    adminKubeconfig: paths.adminKubeconfig,
    hostKubeconfig: paths.hostKubeconfig,
    nodeNames: nodes.slice(0, settings.nodes).map(({ name }) => name),
    components,
    auditLog: paths.audit,
    kubectl: runKubectl(programs.kubectl, kubeconfig),
    component: (name, node = nodeName(0)) => {
      const found = components.find((each) => each.name === name && each.node === node)
      if (!found) throw new Error(`the cluster ${paths.name} has no ${name} on ${node}`)
      return found
    },
    load: async (tar, node) => {
      const image = typeof tar === 'string' ? await readFile(tar) : tar
      for (const each of nodes.slice(0, settings.nodes)) if (node === undefined || each.name === node) await importImage(whole, each, image)
    },
    push: (image, as) => pushImage(whole, firstNode, { image, as }),
    inside: (command, node) => (node === undefined ? insideOf(pid, 'net', command) : insideOf(pidOf(node), 'node', command)),
    userKubeconfig: (request) => userKubeconfig(paths, kubeconfig, request),
    expose: (nodePort) => exposePort(paths, pid, nodePort),
    tokenKubeconfig: (request) => tokenKubeconfig(paths, kubeconfig, request),
    close,
  }
}
