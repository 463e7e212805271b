import { spawn } from 'node:child_process'

/** Where programs usually lie, for a clean environment of our own. */
export const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin'

export interface ProgramResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly cwd?: string
  /** The whole environment. Default: inherited. */
  readonly env?: Record<string, string>
  readonly signal?: AbortSignal | undefined
  /** Called with each whole line of stdout. */
  readonly onLine?: (line: string) => void
}

const collect = (stream: NodeJS.ReadableStream, onLine?: (line: string) => void): (() => string) => {
  let text = ''
  let seen = 0
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    text += chunk
    for (let end = text.indexOf('\n', seen); onLine && end >= 0; end = text.indexOf('\n', seen)) {
      onLine(text.slice(seen, end))
      seen = end + 1
    }
  })
  return () => text
}

/** Runs a program to its end without a shell. A non-zero exit is a result, not an error; a program that is not there has code 127. */
export const runProgram = (command: string, args: readonly string[], { onLine, ...options }: ProgramOptions = {}): Promise<ProgramResult> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], killSignal: 'SIGKILL', ...options })
    const stdout = collect(child.stdout, onLine)
    const stderr = collect(child.stderr)
    child.once('error', (error) => {
      if ('code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')) resolve({ code: 127, stdout: '', stderr: `${command}: ${error.message}` })
      else reject(options.signal?.aborted === true ? options.signal.reason : error)
    })
    child.once('close', (code, signal) =>
      resolve({ code: code ?? 128, stdout: stdout(), stderr: signal === null ? stderr() : `${stderr()}ended by ${signal}` }),
    )
  })

/** Full path of a program on the PATH; undefined when it is not there. */
export const findProgram = async (name: string): Promise<string | undefined> => {
  const { code, stdout } = await runProgram('/bin/sh', ['-c', 'command -v -- "$1"', 'sh', name])
  const path = stdout.trim()
  return code === 0 && path.startsWith('/') ? path : undefined
}
