import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import type { ProcessIdentity } from '../../packages/server/src/supervise/process-identity.ts'
import { component, type Component, type ComponentInput } from './component.ts'
import { componentsOf } from './component-commands.ts'
import { type ClusterPaths, type ClusterSettings, nodePaths, type NodePaths, testbedHome } from './layout.ts'
import type { ClusterPrograms } from './programs.ts'

const Settings = z.object({ name: z.string(), nodes: z.number(), fakeNodes: z.number(), registry: z.boolean() })

/** What a cluster was made as; undefined: there is none of this name. */
export const readSettings = async ({ settings }: ClusterPaths): Promise<ClusterSettings | undefined> => {
  const text = await readFile(settings, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return Settings.parse(JSON.parse(text))
  } catch {
    // Written when its maker was killed: it is to be removed, and might have had any node.
    return undefined
  }
}

export const writeSettings = ({ settings }: ClusterPaths, content: ClusterSettings): Promise<void> => writeFile(settings, JSON.stringify(content))

const Owner = z.object({ pid: z.number(), started: z.string() })

/** The process that a cluster was made for; undefined: it stays until somebody removes it. */
export const ownerOf = async ({ owner }: ClusterPaths): Promise<ProcessIdentity | undefined> => {
  try {
    return Owner.parse(JSON.parse(await readFile(owner, 'utf8')))
  } catch {
    return undefined
  }
}

/** Whether it has been whole. */
export const wasReady = ({ ready }: ClusterPaths): Promise<boolean> =>
  stat(ready).then(
    () => true,
    () => false,
  )

/** More nodes than anybody gives a cluster: those that may have to be removed when it is not known how many there were. */
export const MOST_NODES = 4

/** How many nodes have namespaces: the first one even when it only has the control plane. */
export const nodeCount = ({ nodes }: ClusterSettings): number => Math.max(1, nodes)

export const nodesOf = (paths: ClusterPaths, count: number): readonly NodePaths[] => Array.from({ length: count }, (_, index) => nodePaths(paths, index))

/** Names of all clusters there are, whole or not. */
export const clusterNames = async (): Promise<readonly string[]> => {
  const entries = await readdir(testbedHome(), { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

export interface WholeCluster {
  readonly paths: ClusterPaths
  readonly settings: ClusterSettings
  readonly programs: ClusterPrograms
}

/** Every component of a cluster, in the order they start. */
export const allComponents = ({ paths, settings, programs }: WholeCluster): readonly Component[] =>
  nodesOf(paths, nodeCount(settings)).flatMap((node, index) => {
    const input: ComponentInput = { settings, cluster: paths, node, index, programs, env: programs.env }
    return componentsOf(settings, index).map((name) => component(name, input))
  })
