import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'

/** Mount points of cgroup hierarchies: one with version 2 only, a dozen with version 1 or both. */
const hierarchies = async (): Promise<readonly string[]> => {
  const mounts = await readFile('/proc/mounts', 'utf8')
  const folders = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, folder = '']) => folder)
  return [...new Set(folders)]
}

const copy = async (from: string, to: string, file: string): Promise<void> => writeFile(join(to, file), await readFile(join(from, file)))

/** Makes a cgroup in every hierarchy. One for CPU sets takes no process before it says which. */
export const makeCgroups = async (name: string): Promise<void> => {
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, name)
    await mkdir(folder, { recursive: true })
    if ((await readdir(hierarchy)).includes('cgroup.controllers')) await handDown(hierarchy)
    else if (hierarchy.split('/').at(-1)?.split(',').includes('cpuset')) for (const file of ['cpuset.cpus', 'cpuset.mems']) await copy(hierarchy, folder, file)
  }
}

/** Version 2: lets groups below use the controllers that there are. One that is refused is in use elsewhere. */
const handDown = async (hierarchy: string): Promise<void> => {
  const controllers = (await readFile(join(hierarchy, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/).filter(Boolean)
  for (const controller of controllers) await writeFile(join(hierarchy, 'cgroup.subtree_control'), `+${controller}`).catch(() => undefined)
}

const removeTree = async (folder: string): Promise<boolean> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return true
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name))
  return rmdir(folder).then(
    () => true,
    () => false,
  )
}

/** Where a cgroup still is. */
export const cgroupsLeft = async (name: string): Promise<readonly string[]> => {
  const all = await Promise.all((await hierarchies()).map(async (folder) => ((await readdir(folder)).includes(name) ? join(folder, name) : undefined)))
  return all.filter((found) => found !== undefined)
}

/** Removes a cgroup and all below it. Its processes are dead already; the kernel may need a moment to see it. */
export const removeCgroups = async (name: string): Promise<void> => {
  const gone = async () => {
    for (const folder of await cgroupsLeft(name)) await removeTree(folder)
    return (await cgroupsLeft(name)).length === 0
  }
  if (!(await waitUntil(gone, { timeout: 10_000, every: 50 }))) throw new Error(`processes are left in ${(await cgroupsLeft(name)).join(', ')}`)
}
