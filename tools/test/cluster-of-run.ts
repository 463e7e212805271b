import { openCluster, type OwnCluster, SHARED_CLUSTER, sweepAbandoned } from '../../testbed/kubernetes/index.ts'
import type { Tier } from './tiers.ts'

/** The Kubernetes that the tiers of one `npm test` share. */
export interface ClusterOfRun {
  /** How to start a tier's command: inside the cluster's network if it wants one. The first such brings it up, and may have to build it. */
  commandFor(wanted: Tier['cluster'], command: readonly string[]): Promise<{ readonly argv: readonly string[]; readonly env: NodeJS.ProcessEnv }>
  /** Removes the cluster, if there is one. */
  close(): Promise<void>
}

const say = (line: string): void => void process.stdout.write(`  ${line}\n`)

/** Nothing is brought up where the user names a cluster to test on. The one of a run that was killed is removed by the next. */
export const clusterOfRun = (signal: AbortSignal): ClusterOfRun => {
  let opened: Promise<OwnCluster> | undefined
  return {
    commandFor: async (wanted, command) => {
      const { DAVIT_TEST_KUBECONFIG: given, ...env } = process.env
      if (!wanted || (given && wanted === 'any')) return { argv: command, env: process.env }
      opened ??= openCluster({ name: `run-${process.pid}`, registry: true, owner: process.pid, say, signal, buildKwok: true })
      const cluster = await opened
      return { argv: cluster.inside(command), env: { ...env, [SHARED_CLUSTER]: cluster.name } }
    },
    close: async () => {
      const cluster = await opened?.catch(() => undefined)
      await cluster?.close()
      // Test files that were interrupted could not close their own.
      if (opened) await sweepAbandoned()
    },
  }
}
