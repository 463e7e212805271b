import { rm } from 'node:fs/promises'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import { removeCgroups } from './cgroups.ts'
import { MOST_NODES, nodesOf } from './cluster-state.ts'
import { killHolder } from './holder.ts'
import type { ClusterPaths } from './layout.ts'
import { stopRelay } from './relay.ts'

const removed = (folder: string): Promise<boolean> =>
  rm(folder, { recursive: true, force: true }).then(
    () => true,
    () => false,
  )

/**
 * Removes a cluster and all that there is of it: processes, and with them the namespaces, so mounts, links, rules; cgroups; the folder,
 * last. Works on whatever an `up` or `down` that was killed left, and on nothing.
 */
export const removeCluster = async (paths: ClusterPaths): Promise<void> => {
  const nodes = nodesOf(paths, MOST_NODES)
  await stopRelay(paths)
  for (const node of nodes) await killHolder(node)
  for (const node of nodes) await removeCgroups(node.cgroup)
  // The kernel lets go of mounts a moment after the last process: until then folders below them are busy.
  if (!(await waitUntil(() => removed(paths.dir), { timeout: 15_000, every: 100 }))) await rm(paths.dir, { recursive: true })
}
