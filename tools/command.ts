import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** The repository's folder. */
export const root = join(import.meta.dirname, '..')

/** A tool of node_modules as a command line on the Node we run on. */
export const bin = (name: string): string => join(root, 'node_modules', '.bin', name)

export interface CommandEnd {
  /** Exit code; 128 and more when a signal ended it. */
  readonly code: number
  /** stdout and stderr as written; empty with `show`. */
  readonly output: string
}

export interface CommandOptions {
  /** Let the output through, with our stdout as its stdout, instead of collecting it. */
  readonly show?: boolean
  readonly env?: NodeJS.ProcessEnv
  /** Ends the command with SIGTERM. */
  readonly signal?: AbortSignal
}

/** Runs a command in the repository's folder to its end. Rejects only when it cannot be started. */
export const runCommand = (command: string, args: readonly string[], { show = false, env = process.env, signal }: CommandOptions = {}): Promise<CommandEnd> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
    const onAbort = () => child.kill('SIGTERM')
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
    child.once('error', reject)
    child.once('close', (code) => {
      signal?.removeEventListener('abort', onAbort)
      resolve({ code: code ?? 128, output: Buffer.concat(chunks).toString() })
    })
  })
