import { readFile } from 'node:fs/promises'
import { identify, isAlive, type ProcessIdentity } from '#supervise/process-identity.ts'
import { commandLine } from '#supervise/process-table.ts'

/** A process of the engine, started by us now or found running. */
export interface Daemon {
  readonly identity: ProcessIdentity
  /** Settles with words that say how it ended. */
  readonly ended: Promise<string>
}

/** A daemon's log is emptied at a start that finds it larger (bytes). */
export const LOG_LIMIT = 32 * 1024 * 1024

/** The live process that a pid file names, if `argument` shows that it is the daemon of this very folder. */
export const daemonOf = async (pidFile: string, argument: string): Promise<ProcessIdentity | undefined> => {
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10)
  return commandLine(pid)?.includes(argument) ? identify(pid) : undefined
}

/** The end of a process that is not our child. Does not keep this process alive. */
export const endOf = async (target: ProcessIdentity): Promise<string> => {
  while (isAlive(target)) await new Promise((resolve) => void setTimeout(resolve, 250).unref())
  return 'it is gone'
}
