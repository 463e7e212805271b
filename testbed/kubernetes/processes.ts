import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { identify, type ProcessIdentity, processStat } from '../../packages/server/src/supervise/process-identity.ts'
import { commandLine } from '../../packages/server/src/supervise/process-table.ts'

/** Linux can name a namespace of a process by a text that only this namespace has. */
export type Namespace = 'net' | 'pid' | 'mnt'

export const namespaceOf = (pid: number | 'self', kind: Namespace): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`)
  } catch {
    return undefined
  }
}

const allPids = (): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** Live processes with exactly this argument: those of a cluster carry its folder. Our own is never among them. */
export const processesWithArgument = (argument: string): readonly ProcessIdentity[] =>
  allPids()
    .filter((pid) => pid !== process.pid && commandLine(pid)?.includes(argument))
    .map(identify)
    .filter((found) => found !== undefined)

/** Live processes of a PID namespace, those in namespaces below it left out. */
export const processesOfNamespace = (namespace: string): readonly number[] =>
  allPids().filter((pid) => namespaceOf(pid, 'pid') === namespace && processStat(pid) !== undefined)

/** The name that a process was started by. */
export const programOf = (pid: number): string => basename(commandLine(pid)?.[0] ?? '')

/** True: it is stopped by SIGSTOP. */
export const isStopped = (pid: number): boolean => processStat(pid)?.state === 'T'

/** Megabytes of memory that a process holds. */
export const residentMegabytes = (pid: number): number => {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024)
  } catch {
    return 0
  }
}
