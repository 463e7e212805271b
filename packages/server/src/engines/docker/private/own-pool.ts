import { readFile, rename, writeFile } from 'node:fs/promises'
import { DavitError } from 'davit/contract'
import { z } from 'zod'
import { withLock } from '#supervise/lock-file.ts'
import { commandLine, processesWith } from '#supervise/process-table.ts'
import { choosePool, type Pool, parseRoutes } from './address-pool.ts'
import type { EnginePaths } from './paths.ts'

const POOL_FLAG = /\bbase=(10\.\d+)\./
const PoolRecord = z.object({ pool: z.templateLiteral(['10.', z.number()]) })

/** Undefined: never started. */
export const savedPool = async (record: string): Promise<Pool | undefined> => {
  const text = await readFile(record, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : PoolRecord.parse(JSON.parse(text)).pool
}

/** Pools in the command lines of other private engines: they may have no network, so no route, yet. */
const poolsOfOthers = (): readonly string[] =>
  processesWith((argument) => POOL_FLAG.test(argument)).flatMap((pid) => (commandLine(pid) ?? []).map((argument) => POOL_FLAG.exec(argument)?.[1] ?? ''))

const newPool = async ({ dir, record }: EnginePaths): Promise<Pool> => {
  const routes = parseRoutes(await readFile('/proc/net/route', 'utf8').catch(() => ''))
  const pool = choosePool({ seed: dir, routes, taken: poolsOfOthers() })
  if (pool === undefined)
    throw new DavitError('unavailable', 'All address ranges 10.200.0.0/16 to 10.249.0.0/16 are in use.', {
      hint: 'Remove unused networks, or set DOCKER_HOST to a running engine.',
    })
  await writeFile(`${record}.new`, `${JSON.stringify({ pool })}\n`)
  await rename(`${record}.new`, record)
  return pool
}

/** Held while an engine starts for the first time: until its daemon runs, others cannot see which pool it took. */
const FIRST_START = '/run/davit-engine.lock'

/** The address pool of a folder is chosen once, then kept, as networks live in it. `start` must return with the daemon running. */
export const withPool = async <T>(paths: EnginePaths, start: (pool: Pool) => Promise<T>, signal?: AbortSignal): Promise<T> => {
  const saved = await savedPool(paths.record)
  if (saved !== undefined) return start(saved)
  return withLock(FIRST_START, async () => start((await savedPool(paths.record)) ?? (await newPool(paths))), { signal })
}
