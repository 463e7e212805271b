import { rm } from 'node:fs/promises'
import { DavitError } from 'davit/contract'
import type { Log } from '#supervise/log.ts'
import { stopProcess } from '#supervise/stop-process.ts'
import type { Pool } from './address-pool.ts'
import { runningContainerd } from './containerd.ts'
import type { Dockerd } from './dockerd.ts'
import type { EnginePrograms } from './engine-programs.ts'
import { type Inventory, inventory, removeAll } from './inventory.ts'
import { killProcesses, removeLeftovers } from './leftovers.ts'
import type { EnginePaths } from './paths.ts'

/** What an engine runs with from start to end. */
export interface EngineContext {
  readonly paths: EnginePaths
  readonly programs: EnginePrograms
  readonly pool: Pool
  readonly log: Log
}

/** SIGTERM: with live restore dockerd ends alone, with its containerd, and leaves containers as they are. */
const endDaemons = async (paths: EnginePaths, { identity }: Dockerd): Promise<void> => {
  await stopProcess(identity.pid, [
    ['SIGTERM', 20_000],
    ['SIGKILL', 5_000],
  ])
  const containerd = await runningContainerd(paths)
  if (!containerd) return
  await stopProcess(containerd.pid, [
    ['SIGTERM', 5_000],
    ['SIGKILL', 5_000],
  ])
}

/** Ends the daemons; then, when no container runs, removes what they left outside the folder. */
export const endEngine = async ({ paths, programs, pool, log }: EngineContext, dockerd: Dockerd): Promise<void> => {
  const had: Inventory | undefined = await inventory({ socketPath: paths.socket }).catch(() => undefined)
  await endDaemons(paths, dockerd)
  if (had === undefined)
    return log.warn({ dir: paths.dir }, 'the private engine did not answer when it was stopped; its mounts and links stay for the next start')
  if (had.running.length > 0) return log.info({ containers: had.running.length, dir: paths.dir }, 'the private engine stopped; its running containers go on')
  const problems = [...(await killProcesses(paths)), ...(await removeLeftovers({ paths, pool, env: programs.env, links: had.links }))]
  if (problems.length > 0) log.warn({ problems }, 'the private engine left something behind')
}

/** Removes every container and network, ends the daemons by `stop`, kills what is left, removes the folder. */
export const destroyEngine = async ({ paths, programs, pool }: EngineContext, stop: () => Promise<void>): Promise<void> => {
  await removeAll({ socketPath: paths.socket }).catch(() => undefined)
  await stop()
  const problems = [...(await killProcesses(paths)), ...(await removeLeftovers({ paths, pool, env: programs.env }))]
  if (problems.length > 0) throw new DavitError('internal', `The private engine in ${paths.dir} left behind: ${problems.join(', ')}.`)
  for (const folder of new Set([paths.run, paths.dir])) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
