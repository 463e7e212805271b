import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface ServerEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ServerProcess {
  readonly pid: number
  readonly url: string
  /** All that it wrote to stderr. */
  log(): string
  readonly ended: Promise<ServerEnd>
  alive(): boolean
  /** Sends a signal and waits until the process is gone. */
  end(signal: NodeJS.Signals): Promise<ServerEnd>
}

export interface ServerFlags {
  readonly flags: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const ENTRY = join(import.meta.dirname, 'server-entry.ts')
const START_MS = 90_000

/** Nothing of the tester's own settings may decide what a test means. */
const environment = (more: ServerFlags['env'] = {}): NodeJS.ProcessEnv => {
  const own = Object.entries(process.env).filter(([name]) => !/^(DAVIT_|DOCKER_|DATABASE_URL$|PG)/.test(name))
  return { ...Object.fromEntries(own), NODE_OPTIONS: '', ...more }
}

function launch({ flags, env }: ServerFlags) {
  const args = ['--conditions=@davit/source', '--disable-warning=ExperimentalWarning', ENTRY, ...flags]
  const child = spawn(process.execPath, args, { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] })
  let written = ''
  child.stderr.on('data', (chunk: Buffer) => {
    written += chunk.toString()
  })
  const ended: Promise<ServerEnd> = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  return { child, ended, log: () => written }
}

const readyUrl = (child: ChildProcess & { stdout: NodeJS.ReadableStream }): Promise<string> =>
  new Promise((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const url = /^ready (http\S+)$/.exec(line)?.[1]
      if (url) resolve(url)
    })
  })

/** The server as a process, from its sources, once it says that it is ready. Throws with its log when it ends before that. */
export async function startServerProcess(options: ServerFlags, onSpawn: (server: Pick<ServerProcess, 'end'>) => void): Promise<ServerProcess> {
  const { child, ended, log } = launch(options)
  const end = async (signal: NodeJS.Signals): Promise<ServerEnd> => {
    child.kill(signal)
    return ended
  }
  onSpawn({ end })
  const late = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const url = await Promise.race([readyUrl(child), ended.then(() => undefined)])
  clearTimeout(late)
  if (url === undefined || child.pid === undefined) throw new Error(`the server ended before it was ready:\n${log()}`)
  return { pid: child.pid, url, log, ended, alive: () => child.exitCode === null && child.signalCode === null, end }
}

/** Runs a server that is expected not to start: how it ended, and what it said. */
export async function refusedServer(options: ServerFlags): Promise<ServerEnd & { readonly said: string }> {
  const { child, ended, log } = launch(options)
  const late = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const end = await ended
  clearTimeout(late)
  return { ...end, said: log() }
}
