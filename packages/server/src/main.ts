import { DavitError, ERROR_CODES } from 'davit/contract'
import type { AdminToken } from '#auth/first-admin.ts'
import { helpText, printConfig } from '#config/print.ts'
import { readConfig } from '#config/read.ts'
import { createLogger } from './logger.ts'
import { startServer } from './server.ts'

/** Settles with the first signal that asks to end; a second one ends at once. */
const askedToEnd = (ended: AbortController): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        if (ended.signal.aborted && signal === 'SIGINT') process.exit(130)
        ended.abort(new Error(`asked to end by ${signal}`))
        resolve(signal)
      })
  })

const explain = (error: unknown): string => {
  if (!(error instanceof DavitError)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  return [error.message, ...(error.hint === undefined ? [] : [`  ${error.hint}`])].join('\n')
}

/** Straight to the terminal, past the log: a log is kept and passed on. */
const firstSteps = (url: string, { name, token }: AdminToken): string =>
  `\nThe token of this server's administrator, shown once and kept as a hash:\n\n  ${token}\n\nLog in with: davit login ${url}   (user ${name})\n`

/**
 * `davit server`: reads the settings from `argv` and the environment, starts the server, prints `ready URL` on stdout, and ends with the
 * process's signals. Gives the exit code: 0 after an ordinary end, the error's own otherwise.
 */
export async function main(argv: readonly string[]): Promise<number> {
  // Whoever read our output may be gone (`davit server 2>&1 | head`): that ends the narration, not the server.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)
  const ending = new AbortController()
  const asked = askedToEnd(ending)
  try {
    const { config, origins, printConfig: print, help } = readConfig({ argv, env: process.env })
    if (help || print) {
      process.stdout.write(`${help ? helpText() : printConfig(config, origins)}\n`)
      return 0
    }
    const logger = createLogger(config)
    process.on('unhandledRejection', (err) => logger.error({ err }, 'a promise was rejected and nobody looked: please report this'))
    const server = await startServer({ config, env: process.env, logger, signal: ending.signal })
    if (server.adminToken !== undefined) process.stderr.write(`${firstSteps(server.url, server.adminToken)}\n`)
    process.stdout.write(`ready ${server.url}\n`)
    logger.info({ url: server.url }, 'ready')
    const signal = await asked
    logger.info({ signal }, 'ending')
    await server.close()
    return 0
  } catch (error) {
    if (ending.signal.aborted) return 0
    process.stderr.write(`davit server: ${explain(error)}\n`)
    return error instanceof DavitError ? ERROR_CODES[error.code].exit : 1
  }
}
