import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { WriteStream } from 'node:tty'
import type { Io, Sink } from './io.ts'
import { openBrowser } from './open-browser.ts'

const isBrokenPipe = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EPIPE'

/** Writes with back-pressure. A reader that went away (`davit logs | head`) ends the process quietly. */
const sinkOf = (stream: WriteStream): Sink => {
  stream.on('error', (error) => {
    if (isBrokenPipe(error)) process.exit(0)
    throw error
  })
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns
    },
    write: async (data) => {
      if (data.length > 0 && !stream.write(data)) await once(stream, 'drain')
    },
  }
}

const ask = async (question: string, hidden: boolean): Promise<string> => {
  // readline echoes through its output: one that swallows everything shows nothing of a secret.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  if (hidden) process.stderr.write(question)
  const lines = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true })
  try {
    return await lines.question(hidden ? '' : question)
  } finally {
    lines.close()
    if (hidden) process.stderr.write('\n')
  }
}

/** The process itself as the outside of a command. */
export const processIo = (): Io => ({
  env: process.env,
  cwd: process.cwd(),
  stdout: sinkOf(process.stdout),
  stderr: sinkOf(process.stderr),
  stdin: { isTTY: process.stdin.isTTY === true, text: () => text(process.stdin) },
  ask: (question, options) => ask(question, options?.hidden ?? false),
  openUrl: openBrowser,
})
