import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { WholeCluster } from './cluster-state.ts'
import { findHolder, insideOf } from './holder.ts'
import type { NodePaths } from './layout.ts'
import { REGISTRY, REGISTRY_LOGIN } from './node-files.ts'

type NodeOfCluster = Pick<WholeCluster, 'programs'> & { readonly node: NodePaths }

/** Runs containerd's own client on a node. */
const ctr = async ({ programs, node }: NodeOfCluster, args: readonly string[], input?: Buffer): Promise<void> => {
  const holder = findHolder(node)
  if (!holder) throw new Error(`${node.name} is not up`)
  const command = [join(programs.containerd, 'ctr'), '--address', node.socket, '--namespace', 'k8s.io', 'images', ...args]
  const [program = '', ...rest] = insideOf(holder.pid, 'node', command)
  const child = spawn(program, rest, { cwd: '/', env: { ...programs.env }, stdio: ['pipe', 'pipe', 'pipe'] })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk))
  child.stdin.on('error', () => undefined).end(input)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`ctr images ${args.join(' ')}: ${Buffer.concat(said).toString().trim()}`)
}

/** Gives a docker-archive to containerd of a node. */
export const importImage = ({ programs }: WholeCluster, node: NodePaths, tar: Buffer): Promise<void> => ctr({ programs, node }, ['import', '-'], tar)

/** Puts an image that a node has into the node's registry, and takes the new name off the node so that it has to be pulled. */
export const pushImage = async (
  { programs, settings, paths }: WholeCluster,
  node: NodePaths,
  { image, as }: { image: string; as: string },
): Promise<string> => {
  if (!settings.registry) throw new Error(`the cluster ${paths.name} has no registry: it was brought up without`)
  const name = `${REGISTRY}/${as}`
  await ctr({ programs, node }, ['tag', '--force', image, name])
  await ctr({ programs, node }, ['push', '--plain-http', '--user', `${REGISTRY_LOGIN.user}:${REGISTRY_LOGIN.password}`, name])
  await ctr({ programs, node }, ['rm', name])
  return name
}
