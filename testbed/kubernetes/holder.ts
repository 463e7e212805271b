import { spawn } from 'node:child_process'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive, type ProcessIdentity } from '../../packages/server/src/supervise/process-identity.ts'
import { signalProcess } from '../../packages/server/src/supervise/stop-process.ts'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import type { ClusterPaths, NodePaths } from './layout.ts'
import { namespaceOf, processesWithArgument, programOf } from './processes.ts'

/**
 * A node's first process. It only waits, in namespaces of its own (mounts, network, PIDs, host name, IPC), which everything else of the
 * node joins: with it all of that ends, whoever killed it. It is known by the node's folder among its arguments, so a start that was
 * killed in the middle is found too.
 */
export const findHolder = (node: NodePaths): ProcessIdentity | undefined => processesWithArgument(node.dir).find(({ pid }) => programOf(pid) === 'pause')

const UNSHARE = ['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child=KILL', '--mount-proc', '--propagation', 'private']

export const startHolder = async (node: NodePaths, pause: string): Promise<ProcessIdentity> => {
  await mkdir(node.logs, { recursive: true })
  await using log = await open(join(node.logs, 'holder.log'), 'a')
  const child = spawn('unshare', [...UNSHARE, pause, node.dir], { cwd: '/', stdio: ['ignore', log.fd, log.fd], detached: true })
  child.unref()
  child.once('error', () => undefined)
  const holder = await waitUntil(() => findHolder(node), { timeout: 10_000 })
  if (!holder) throw new Error(`no namespaces for ${node.name}: see ${join(node.logs, 'holder.log')}`)
  return holder
}

/** Kills what carries the node's folder among its arguments: the holder, so all of the node, and who waits for it. */
export const killHolder = async (node: NodePaths): Promise<void> => {
  for (const found of processesWithArgument(node.dir)) {
    signalProcess(found, 'SIGKILL')
    // A stopped or just dying process takes its time; the kernel ends the PID namespace before its first process is gone.
    if (!(await waitUntil(() => !isAlive(found), { timeout: 20_000 }))) throw new Error(`process ${found.pid} of ${node.name} does not die`)
  }
}

/** Which namespaces of a node a command runs in: `net` for the cluster's network alone, `node` for what is part of the node. */
export type Inside = 'net' | 'node'
const FLAGS = { net: ['-n'], node: ['-m', '-n', '-u', '-i'] } as const satisfies Record<Inside, readonly string[]>

/** Command line that runs another one inside a node. */
export const insideOf = (pid: number, inside: Inside, command: readonly string[]): readonly string[] => [
  'nsenter',
  '-t',
  String(pid),
  ...FLAGS[inside],
  '--',
  ...command,
]

/** The administrator's kubeconfig that works where this process runs: in the network of the cluster that has this holder, or not. */
export const kubeconfigHere = ({ adminKubeconfig, hostKubeconfig }: ClusterPaths, holder: number): string =>
  namespaceOf('self', 'net') === namespaceOf(holder, 'net') ? adminKubeconfig : hostKubeconfig
