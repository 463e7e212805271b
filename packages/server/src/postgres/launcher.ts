import { type ChildProcess, spawn } from 'node:child_process'
import type { Account } from '#supervise/open-folder.ts'
import { findProgram, runProgram, USUAL_PATH } from '#supervise/program.ts'

export interface Launch {
  readonly program: string
  readonly args: readonly string[]
  /** What the kernel sends it when we die. */
  readonly deathSignal: 'INT' | 'KILL'
}

export interface Launcher {
  /** Run as this account; undefined: as ourselves. */
  readonly account: Account | undefined
  /** Path of a setpriv that knows `--pdeathsig`; undefined where there is none. */
  readonly setpriv: string | undefined
}

/** Looks for the tool that drops root and ties a child's life to ours (util-linux; busybox's cannot). */
export const findSetpriv = async (): Promise<string | undefined> => {
  if (process.platform !== 'linux') return undefined
  const path = await findProgram('setpriv')
  if (path === undefined) return undefined
  const { stdout } = await runProgram(path, ['--help'])
  return stdout.includes('--pdeathsig') ? path : undefined
}

/** The command line, with setpriv in front where we have it. Pure. */
export const launchCommand = ({ program, args, deathSignal }: Launch, { account, setpriv }: Launcher): readonly string[] => {
  if (setpriv === undefined) return [program, ...args]
  const drop = account === undefined ? [] : [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups']
  return [setpriv, ...drop, `--pdeathsig=${deathSignal}`, program, ...args]
}

/** Where the kernel does not do it: a shell that waits for our end of a pipe to close, then signals. */
const guard = (child: ChildProcess, deathSignal: string): void => {
  const script = `read -r _; kill -${deathSignal} "$1" 2>/dev/null`
  const watcher = spawn('/bin/sh', ['-c', script, 'davit-guard', String(child.pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  watcher.on('error', () => undefined)
  watcher.stdin.on('error', () => undefined)
  child.once('exit', () => watcher.kill('SIGKILL'))
}

/**
 * Starts a program that dies with us, even when we are killed. In a session of its own, so that Ctrl-C in the terminal reaches us only
 * and we can end things in order. Both outputs go to `output` (a file descriptor).
 */
export const launch = (what: Launch, launcher: Launcher, output: number | 'pipe'): ChildProcess => {
  const [command = '', ...args] = launchCommand(what, launcher)
  const identity = launcher.setpriv === undefined && launcher.account ? { uid: launcher.account.uid, gid: launcher.account.gid } : {}
  const env = { PATH: USUAL_PATH, LC_ALL: 'C', TZ: 'UTC' }
  const child = spawn(command, args, { cwd: '/', env, stdio: ['ignore', output, output], detached: true, ...identity })
  if (launcher.setpriv === undefined && child.pid !== undefined) guard(child, what.deathSignal)
  return child
}
