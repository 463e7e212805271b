import { Buffer } from 'node:buffer'
import { EventEmitter } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '#cli.ts'
import type { Io, Sink } from '#runner/io.ts'
import type { FakeApi } from './fake-api.ts'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  readonly api?: FakeApi
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly answer?: string
  readonly tty?: boolean
  /** Called with each piece of stdout and stderr, and a way to press Ctrl-C. */
  readonly onOutput?: (text: string, interrupt: () => void) => void
}

const collector = (tty: boolean, told: (text: string) => void): { readonly sink: Sink; readonly text: () => string } => {
  const pieces: Buffer[] = []
  const write = async (data: string | Uint8Array): Promise<void> => {
    pieces.push(Buffer.from(data))
    told(Buffer.from(data).toString())
  }
  return { sink: { isTTY: tty, columns: 120, write }, text: () => Buffer.concat(pieces).toString() }
}

/** Runs one command line inside this process, its outside replaced: for tests. */
export const runDavit = async (argv: readonly string[], { api, env = {}, stdin = '', answer = '', tty = false, onOutput }: Options = {}): Promise<Outcome> => {
  const home = await mkdtemp(join(tmpdir(), 'davit-cli-'))
  const process = Object.assign(new EventEmitter(), { exit: () => undefined })
  const told = (text: string): void => onOutput?.(text, () => process.emit('SIGINT'))
  const [stdout, stderr] = [collector(tty, told), collector(tty, told)]
  const io: Io = {
    env: { HOME: home, XDG_CONFIG_HOME: home, DAVIT_ENDPOINT: 'http://fake.invalid', ...env },
    cwd: home,
    stdout: stdout.sink,
    stderr: stderr.sink,
    stdin: { isTTY: tty, text: async () => stdin },
    ask: async () => answer,
    openUrl: () => undefined,
    ...(api && { fetch: api.fetch }),
  }
  try {
    const code = await runCli({ argv, io, version: '1.2.3', process })
    return { code, stdout: stdout.text(), stderr: stderr.text() }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}
