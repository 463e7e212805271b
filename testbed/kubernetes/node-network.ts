import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '../../packages/server/src/supervise/program.ts'
import { insideOf } from './holder.ts'
import { type ClusterPaths, NETWORK, nodeAddress, type NodePaths, podSubnet } from './layout.ts'

/** What the kubelet wants the machine's kernel settings to be. It is shown files that say so; the machine's own stay as they are. */
const KERNEL = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
} as const

const run = async (command: readonly string[], env: Readonly<Record<string, string>>): Promise<void> => {
  const [program = '', ...args] = command
  const { code, stderr } = await runProgram(program, args, { env: { ...env } })
  if (code !== 0) throw new Error(`${command.slice(-6).join(' ').slice(0, 200)}: ${stderr.trim()}`)
}

const shell = (pid: number, lines: readonly string[], env: Readonly<Record<string, string>>): Promise<void> =>
  run(insideOf(pid, 'node', ['/bin/sh', '-euc', lines.join('\n')]), env)

export interface NodeNamespaces {
  readonly cluster: ClusterPaths
  readonly node: NodePaths
  readonly index: number
  /** Pid of the node's first process. */
  readonly pid: number
  readonly env: Readonly<Record<string, string>>
}

/** Mounts that only the node sees: the kernel settings, its logs, a /tmp and a /run of its own. */
export const mountNode = async ({ cluster, node, pid, env }: NodeNamespaces): Promise<void> => {
  const folders = { '/var/log/pods': join(node.dir, 'pods'), '/var/log/containers': join(node.dir, 'containers'), '/tmp': cluster.tmp }
  for (const folder of [...Object.values(folders), join(node.dir, 'kernel')]) await mkdir(folder, { recursive: true })
  const lines = ['mkdir -p /var/log/pods /var/log/containers']
  for (const [name, value] of Object.entries(KERNEL)) {
    const file = join(node.dir, 'kernel', name.replaceAll('/', '.'))
    await writeFile(file, `${value}\n`)
    lines.push(`mount --bind ${file} /proc/sys/${name}`)
  }
  for (const [at, folder] of Object.entries(folders)) lines.push(`mount --bind ${folder} ${at}`)
  await shell(pid, [...lines, 'mount -t tmpfs tmpfs /run', `hostname ${node.name}`], env)
}

/**
 * A bridge `nodes` with the node's address on it. There is no default route and no link to the machine: nothing that anybody here sends
 * can leave it. The route for Services only lets the kernel begin to send; kube-proxy's rules then name a pod.
 */
export const linkFirstNode = async ({ pid, env }: NodeNamespaces): Promise<void> =>
  shell(
    pid,
    [
      'ip link set lo up',
      'ip link add nodes type bridge',
      `ip addr add ${nodeAddress(0)}/24 dev nodes`,
      'ip link set nodes up',
      `ip route add ${NETWORK.services} dev nodes src ${nodeAddress(0)}`,
      'echo 1 > /proc/sys/net/ipv4/ip_forward',
      'echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null || true',
    ],
    env,
  )

/** A cable from a further node into the first one's bridge, and routes between their pods. */
export const linkFurtherNode = async ({ index, pid, env }: NodeNamespaces, first: number): Promise<void> => {
  await shell(
    first,
    [
      `ip link add node${index + 1} type veth peer name nodes netns ${pid}`,
      `ip link set node${index + 1} master nodes up`,
      `ip route add ${podSubnet(index)} via ${nodeAddress(index)}`,
    ],
    env,
  )
  await shell(
    pid,
    [
      'ip link set lo up',
      `ip addr add ${nodeAddress(index)}/24 dev nodes`,
      'ip link set nodes up',
      `ip route add ${NETWORK.services} dev nodes src ${nodeAddress(index)}`,
      `ip route add ${NETWORK.pods} via ${nodeAddress(0)}`,
      'echo 1 > /proc/sys/net/ipv4/ip_forward',
      'echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null || true',
    ],
    env,
  )
}
