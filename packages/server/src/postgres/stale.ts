import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '#supervise/log.ts'
import { identify, processStat } from '#supervise/process-identity.ts'
import { commandLine, processesIn } from '#supervise/process-table.ts'
import { stopProcess } from '#supervise/stop-process.ts'
import { waitUntil } from '#supervise/wait-until.ts'
import { type PostgresPaths, PORT } from './paths.ts'

/** Pid of the postmaster that wrote this folder's postmaster.pid; undefined when there is no such file. */
const recordedPid = async (data: string): Promise<number | undefined> => {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => undefined)
  const pid = Number.parseInt(text ?? '', 10)
  return Number.isNaN(pid) ? undefined : pid
}

/** Every process of PostgreSQL works in its data folder. Where there is no /proc, only the postmaster is found, by its arguments. */
const processesOf = (data: string, pid: number): readonly number[] => {
  if (process.platform === 'linux') return processesIn(data).filter((found) => processStat(found)?.name === 'postgres')
  return commandLine(pid)?.includes(data) ? [pid] : []
}

/** SIGINT: rolls back, writes a checkpoint, ends. SIGQUIT: ends at once, recovers at the next start. */
export const stopPostmaster = (pid: number): Promise<boolean> =>
  stopProcess(pid, [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 2_000],
  ])

/**
 * Ends what an earlier server left running on this folder: a postmaster that outlived it, or workers of a killed postmaster. Then removes
 * pid files that PostgreSQL itself would take for live ones (a zombie, or another process with that pid). It never removes one while a
 * process of this folder lives: that file is what keeps two postmasters off the same data.
 */
export const clearStale = async ({ data, socket }: PostgresPaths, log: Log): Promise<void> => {
  const pid = await recordedPid(data)
  if (pid === undefined) return
  const left = processesOf(data, pid)
  if (left.length > 0) log.warn({ pids: left }, 'stopping a PostgreSQL that an earlier server left on this folder')
  if (left.includes(pid)) await stopPostmaster(pid)
  // Workers of a dead postmaster notice it by themselves.
  const gone = await waitUntil(() => processesOf(data, pid).length === 0, { timeout: 3_000, every: 20 })
  if (!gone)
    await Promise.all(
      processesOf(data, pid).map((worker) =>
        stopProcess(worker, [
          ['SIGQUIT', 2_000],
          ['SIGKILL', 2_000],
        ]),
      ),
    )
  if (processesOf(data, pid).length > 0) return
  if (identify(pid) === undefined || !commandLine(pid)?.includes(data)) {
    await rm(join(data, 'postmaster.pid'), { force: true })
    await rm(join(socket, `.s.PGSQL.${PORT}`), { force: true })
    await rm(join(socket, `.s.PGSQL.${PORT}.lock`), { force: true })
  }
}
