import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { cgroupsLeft } from './cgroups.ts'
import { MOST_NODES, nodesOf } from './cluster-state.ts'
import { clusterPaths } from './layout.ts'
import { processesWithArgument } from './processes.ts'

/** The driver as a user starts it. */
export const startDriver = (...args: readonly string[]) =>
  spawn(process.execPath, ['--conditions=@davit/source', '--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** Runs the driver to its end. */
export const runDriver = async (...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
  const child = startDriver(...args)
  const out = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text))
  const [code] = await once(child, 'close')
  return { code: Number(code), ...out }
}

/** What a cluster has on the machine outside of its own namespaces. */
export const tracesOf = async (name: string): Promise<readonly string[]> => {
  const paths = clusterPaths(name)
  const nodes = nodesOf(paths, MOST_NODES)
  const processes = [paths.dir, ...nodes.map(({ dir }) => dir)].flatMap((dir) => processesWithArgument(dir).map(({ pid }) => `process ${pid} of ${dir}`))
  const cgroups = (await Promise.all(nodes.map(({ cgroup }) => cgroupsLeft(cgroup)))).flat()
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').filter((line) => line.includes(`${paths.dir}/`))
  const folder = await stat(paths.dir).then(
    () => [paths.dir],
    () => [],
  )
  return [...processes, ...cgroups, ...mounts, ...folder]
}

/** Links and routes of the network namespace that this process is in. */
export const networkHere = async (): Promise<readonly string[]> => {
  const [links, routes] = await Promise.all(['dev', 'route'].map((name) => readFile(`/proc/self/net/${name}`, 'utf8')))
  return [...(links?.match(/^ *\S+:/gm) ?? []), ...(routes?.split('\n') ?? [])]
}

/** Links and routes that were not here then. Others may take theirs away meanwhile. */
export const addedSince = async (before: readonly string[]): Promise<readonly string[]> => (await networkHere()).filter((line) => !before.includes(line))
