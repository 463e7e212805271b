import { readFile } from 'node:fs/promises'
import { identify, processStat } from '#supervise/process-identity.ts'
import { processesWith } from '#supervise/process-table.ts'
import { runProgram } from '#supervise/program.ts'
import { stopProcess } from '#supervise/stop-process.ts'
import { parseRoutes, type Pool, routesInto } from './address-pool.ts'
import { dataFlag } from './dockerd.ts'
import type { EnginePaths } from './paths.ts'

/** Reads /proc/mounts: mount points in the order they were made. Blanks are written as octal numbers. */
export const parseMounts = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((point) => point !== '')
    .map((point) => point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))

const below = ({ dir, run }: EnginePaths, path: string): boolean => path.startsWith(`${dir}/`) || path.startsWith(`${run}/`)

/** Mount points below the engine's folders, newest first. */
export const engineMounts = async (paths: EnginePaths): Promise<readonly string[]> =>
  parseMounts(await readFile('/proc/mounts', 'utf8').catch(() => ''))
    .filter((point) => below(paths, point))
    .reverse()

/** Bridges that lead into this engine's own address pool. */
export const engineLinks = async (pool: Pool): Promise<readonly string[]> => {
  const routes = routesInto(pool, parseRoutes(await readFile('/proc/net/route', 'utf8').catch(() => '')))
  return [...new Set(routes.map(({ link }) => link))].filter((link) => /^br-[0-9a-f]{12}$/.test(link))
}

/** Live processes of this engine: daemons and shims name its folder in an argument. Containers themselves are children of shims. */
export const engineProcesses = (paths: EnginePaths): readonly number[] =>
  processesWith((argument) => argument === dataFlag(paths) || argument.startsWith(`${paths.exec}/`))

/** What could not be removed, in words. Empty: nothing is left. */
export type Problems = readonly string[]

const unmountAll = async (paths: EnginePaths, env: Readonly<Record<string, string>>): Promise<Problems> => {
  for (const point of await engineMounts(paths)) {
    const { code } = await runProgram('umount', [point], { env })
    if (code !== 0) await runProgram('umount', ['-l', point], { env }) // busy: detach now, the kernel frees it with its last user
  }
  return (await engineMounts(paths)).map((point) => `mount ${point}`)
}

const removeLinks = async (names: Iterable<string>, env: Readonly<Record<string, string>>): Promise<Problems> => {
  const problems: string[] = []
  for (const name of names) {
    const { code, stderr } = await runProgram('ip', ['link', 'delete', name], { env })
    if (code !== 0 && !/Cannot find device/.test(stderr)) problems.push(`network link ${name} (${stderr.trim()})`)
  }
  return problems
}

export interface RemoveLeftovers {
  readonly paths: EnginePaths
  readonly pool: Pool
  readonly env: Readonly<Record<string, string>>
  /** Names of bridges that the engine said it made. */
  readonly links?: readonly string[]
}

/** Mounts and links that a daemon which ended left. Only for an engine without running containers. */
export const removeLeftovers = async ({ paths, pool, env, links = [] }: RemoveLeftovers): Promise<Problems> => [
  ...(await unmountAll(paths, env)),
  ...(await removeLinks(new Set([...links, ...(await engineLinks(pool))]), env)),
]

/** Kills every process of the engine, containers included. */
export const killProcesses = async (paths: EnginePaths): Promise<Problems> => {
  const processes = engineProcesses(paths)
  const shims = processes.filter((pid) => processStat(pid)?.name.startsWith('containerd-shim'))
  const containers = childrenOf(shims)
  for (const pid of [...containers, ...processes]) await stopProcess(pid, [['SIGKILL', 3_000]])
  return [...containers, ...engineProcesses(paths)].filter((pid) => identify(pid) !== undefined).map((pid) => `process ${pid}`)
}

const childrenOf = (parents: readonly number[]): readonly number[] =>
  processesWith(() => true).filter((pid) => parents.includes(processStat(pid)?.parent ?? -1))
