import type { Component } from './component.ts'
import { clusterNames } from './cluster-state.ts'
import { residentMegabytes } from './processes.ts'
import { attachCluster } from './open-cluster.ts'

const lineOf = (each: Component): string => {
  const pid = each.pid()
  const process = pid === undefined ? '' : `pid ${pid}, ${residentMegabytes(pid)} MB`
  return `  ${each.node.padEnd(4)} ${each.name.padEnd(24)} ${each.state().padEnd(8)} ${process}`.trimEnd()
}

/** All clusters, their components, and what the API server says of itself and of its nodes. */
export const statusLines = async (): Promise<readonly string[]> => {
  const lines: string[] = []
  for (const name of await clusterNames()) {
    const cluster = await attachCluster(name)
    if (!cluster) {
      lines.push(`${name}: not whole (a start or an end of it was cut off); \`up\` makes it anew, \`down\` removes it`)
      continue
    }
    const nodes = await cluster.kubectl(['get', 'nodes', '--no-headers', '--request-timeout=5s']).catch((error: Error) => error.message)
    lines.push(`${name}: kubeconfig ${cluster.hostKubeconfig}`, ...cluster.components.map(lineOf))
    const rows = nodes.trim().split('\n')
    lines.push(...rows.slice(0, 10).map((line) => `  ${line}`), ...(rows.length > 10 ? [`  … ${rows.length} nodes in all`] : []))
  }
  return lines.length > 0 ? lines : ['no cluster']
}
