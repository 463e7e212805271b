import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { processStat } from './process-identity.ts'

const orUndefined = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

const pids = (): readonly number[] => (orUndefined(() => readdirSync('/proc')) ?? []).filter((name) => /^\d+$/.test(name)).map(Number)

/** Arguments of a process; undefined when it is gone, dead or not ours to read. */
export const commandLine = (pid: number): readonly string[] | undefined => {
  if (process.platform !== 'linux') {
    const env = { PATH: '/usr/bin:/bin' }
    return orUndefined(() =>
      execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { env, encoding: 'utf8' })
        .trim()
        .split(' '),
    )
  }
  if (processStat(pid) === undefined) return undefined
  return orUndefined(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1))
}

/** Live processes that work inside this folder (their current directory is it). Linux only, else empty. */
export const processesIn = (folder: string): readonly number[] => {
  const path = orUndefined(() => realpathSync(folder)) ?? folder
  return pids().filter((pid) => orUndefined(() => readlinkSync(`/proc/${pid}/cwd`)) === path && processStat(pid) !== undefined)
}

/** Live processes one of whose arguments passes `test`, without this one. Linux only, else empty. */
export const processesWith = (test: (argument: string) => boolean): readonly number[] =>
  pids().filter((pid) => pid !== process.pid && (commandLine(pid) ?? []).some(test))
