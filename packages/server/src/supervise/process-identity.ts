import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A pid alone is worn again by another process; with the time it started it names one process for ever. */
export interface ProcessIdentity {
  readonly pid: number
  /** Opaque; equal for the same process only. Contains the boot, so that it stays unique after a reboot. */
  readonly started: string
}

export interface ProcessStat {
  readonly name: string
  readonly state: string
  readonly parent: number
  readonly threads: number
  /** Clock ticks since boot. */
  readonly started: string
}

const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Reads `/proc/<pid>/stat`. The name stands in parentheses and may hold spaces and parentheses itself. */
export const parseStat = (text: string): ProcessStat => {
  const end = text.lastIndexOf(')')
  const [state = '?', parent = '0', ...rest] = text.slice(end + 2).split(' ')
  return { name: text.slice(text.indexOf('(') + 1, end), state, parent: Number(parent), threads: Number(rest[15] ?? 1), started: rest[17] ?? '' }
}

const bootId = (): string => attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)) ?? ''

/** Dead, all of it: while one more thread dies, what it holds (ports, locks) is not free yet. */
const isDead = ({ state, threads }: ProcessStat): boolean => (state === 'Z' || state === 'X') && threads <= 1

/** Undefined: gone, or dead and not yet reaped by its parent. Linux only. */
export const processStat = (pid: number): ProcessStat | undefined => {
  const stat = attempt(() => parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')))
  return stat === undefined || isDead(stat) ? undefined : stat
}

const identifyOnLinux = (pid: number): ProcessIdentity | undefined => {
  const stat = processStat(pid)
  return stat && { pid, started: `${bootId()}:${stat.started}` }
}

const identifyByPs = (pid: number): ProcessIdentity | undefined => {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  const line = attempt(() =>
    execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(),
  )
  if (!line || line.startsWith('Z')) return undefined
  return { pid, started: line.replace(/^\S+\s+/, '') }
}

/** Who wears this pid now; undefined when nobody alive does. */
export const identify = (pid: number): ProcessIdentity | undefined => {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  return process.platform === 'linux' ? identifyOnLinux(pid) : identifyByPs(pid)
}

/** True while exactly this process lives. */
export const isAlive = ({ pid, started }: ProcessIdentity): boolean => identify(pid)?.started === started

/** This process itself. */
export const self = (): ProcessIdentity => identify(process.pid) ?? { pid: process.pid, started: 'unknown' }
