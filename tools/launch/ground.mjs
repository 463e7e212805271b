import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** A launch that cannot go on: what is wrong, and what to do about it. */
export class LaunchError extends Error {
  constructor(message, hint, exitCode = 1) {
    super(message)
    this.hint = hint
    this.exitCode = exitCode
  }
}

/** Progress goes to stderr, so that a tool's stdout stays its own. */
export const say = (line) => process.stderr.write(`${line}\n`)
