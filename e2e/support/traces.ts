import { readFile } from 'node:fs/promises'
import { engineLinks, parseMounts } from '../../packages/server/src/engines/docker/private/leftovers.ts'
import { savedPool } from '../../packages/server/src/engines/docker/private/own-pool.ts'
import { enginePaths } from '../../packages/server/src/engines/docker/private/paths.ts'
import type { Pool } from '../../packages/server/src/engines/docker/private/address-pool.ts'
import { processesIn, processesWith } from '../../packages/server/src/supervise/process-table.ts'

/** What a server's folder has on the machine outside the folder. */
export interface Traces {
  readonly processes: readonly number[]
  readonly mounts: readonly string[]
  readonly links: readonly string[]
}
export const NOTHING: Traces = { processes: [], mounts: [], links: [] }

/** The address pool of the private engine in a data folder: taken while it runs, since it is needed when all is gone. */
export const enginePool = (data: string): Promise<Pool | undefined> => savedPool(enginePaths(`${data}/engine`).record)

/** Processes that name the folder or work in it, mounts below it, bridges of its engine. */
export const tracesOf = async (folder: string, pool?: Pool): Promise<Traces> => {
  const named = processesWith((argument) => argument.includes(`${folder}/`))
  const mounts = parseMounts(await readFile('/proc/mounts', 'utf8')).filter((point) => point.startsWith(`${folder}/`))
  return { processes: [...new Set([...named, ...processesIn(folder)])], mounts, links: pool === undefined ? [] : await engineLinks(pool) }
}
