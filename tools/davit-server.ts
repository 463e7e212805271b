import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { root } from './command.ts'

export interface ServerOptions {
  readonly data: string
  /** Further flags, such as `--ephemeral` or `--engine memory`. */
  readonly flags?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Told each line of stderr. */
  readonly onLine?: (line: string) => void
  /** Ends the wait for readiness; the server is then stopped. */
  readonly signal?: AbortSignal
}

export interface DavitServer {
  readonly endpoint: string
  readonly pid: number | undefined
  /** Settles when the process has ended, however that came. */
  readonly ended: Promise<void>
  /** SIGTERM, and SIGKILL if that does not end it in time. Returns when the process is gone. */
  stop(): Promise<void>
}

/** An engine and its containers may take their grace periods; longer than this means that something hangs. */
const STOP_MS = 90_000
const KEPT_LINES = 15

const stopChild = async (child: ChildProcess, ended: Promise<void>): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}

const readyLine = (child: ChildProcess, signal: AbortSignal | undefined): Promise<string | undefined> =>
  new Promise((resolve) => {
    if (child.stdout)
      createInterface(child.stdout).on('line', (line) => {
        const endpoint = /^ready (http\S+)/.exec(line)?.[1]
        if (endpoint) resolve(endpoint)
      })
    child.once('exit', () => resolve(undefined))
    child.once('error', () => resolve(undefined))
    signal?.addEventListener('abort', () => resolve(undefined), { once: true })
    if (signal?.aborted) resolve(undefined)
  })

/**
 * Starts `davit server` as a process, as a user would, on a free port, and returns once it says that it is ready. Throws with its
 * last lines when it ends before that; throws the signal's reason when aborted. Nothing runs any more after either.
 */
export const startServer = async ({ data, flags = [], env = process.env, onLine, signal }: ServerOptions): Promise<DavitServer> => {
  const command = [join(root, 'packages', 'cli', 'bin.cjs'), 'server', '--listen', '127.0.0.1:0', '--data', data, ...flags]
  const child = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close').then(() => undefined)
  const last: string[] = []
  createInterface(child.stderr).on('line', (line) => {
    // The cause is in what it says last; what it did before is told as it happens.
    if (!/^(\{|\S+Z (debug|info) )/.test(line)) last.push(line)
    if (last.length > KEPT_LINES) last.shift()
    onLine?.(line)
  })
  const endpoint = await readyLine(child, signal)
  const stop = () => stopChild(child, ended)
  if (endpoint !== undefined) return { endpoint, pid: child.pid, ended, stop }
  await stop()
  signal?.throwIfAborted()
  throw new Error([`the server ended with ${child.exitCode ?? child.signalCode} before it was ready`, ...last].join('\n'))
}
