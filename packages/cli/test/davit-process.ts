import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const NODE_FLAGS = ['--conditions=@davit/source', '--disable-warning=ExperimentalWarning']

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Spawned {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Called with the text so far of both streams after each piece; may send signals. */
  readonly onOutput?: (text: { readonly stdout: string; readonly stderr: string }, child: ChildProcess) => void
}

/** The CLI as a process of its own, from its sources. */
export const spawnDavit = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess =>
  spawn(process.execPath, [...NODE_FLAGS, MAIN, ...argv], { env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env }, stdio: 'pipe' })

/** Runs one command line to its end. */
export const davit = async (argv: readonly string[], { env, input = '', onOutput }: Spawned = {}): Promise<Ran> => {
  const child = spawnDavit(argv, env)
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (piece: string) => {
      text[name] += piece
      onOutput?.(text, child)
    })
  child.stdin?.on('error', () => undefined).end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...text }
}

export interface TestServer extends AsyncDisposable {
  readonly endpoint: string
  /** What it wrote to stderr. */
  readonly said: () => string
}

/** `davit server` with the memory engine on a free port, its data in `data`. */
export const startTestServer = async (data: string, flags: readonly string[] = []): Promise<TestServer> => {
  const child = spawnDavit(['server', '--listen', '127.0.0.1:0', '--data', data, '--engine', 'memory', ...flags])
  const ended = once(child, 'close')
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    errors += piece
  })
  const ready = new Promise<string | undefined>((resolve) => {
    if (child.stdout)
      createInterface(child.stdout).on('line', (line) => {
        const endpoint = /^ready (http\S+)/.exec(line)?.[1]
        if (endpoint) resolve(endpoint)
      })
    void ended.then(() => resolve(undefined))
  })
  const endpoint = await ready
  if (endpoint === undefined) throw new Error(`the server did not start:\n${errors}`)
  return {
    endpoint,
    said: () => errors,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
