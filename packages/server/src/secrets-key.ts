import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { chmod, link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { DavitError } from 'davit/contract'
import type { KeySource } from '#service/key-ring.ts'

const HEX = /^[0-9a-f]{64}$/i
const COMMAND_MS = 30_000

const newLine = (): string => `${randomBytes(32).toString('hex')}\n`

/** One key a line (or between spaces or commas), the active one first; what follows a `#` is a comment. */
const parseKeys = (origin: string, text: string): readonly Buffer[] => {
  const words = text
    .split('\n')
    .map((line) => line.replace(/#.*/, ''))
    .join(' ')
    .split(/[\s,]+/)
    .filter(Boolean)
  if (words.length === 0 || !words.every((word) => HEX.test(word)))
    throw new DavitError('invalid', `${origin} does not hold 64 hex digits for each key`, {
      hint: 'restore it from your backup: without it the stored secrets cannot be read',
    })
  return words.map((word) => Buffer.from(word, 'hex'))
}

const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST'

/** Keys in a file that is made with a first key when it is not there, readable by its owner only. */
const fileSource = (file: string): KeySource => {
  const origin = `the key file ${file}`
  const fresh = `${file}.${randomUUID()}`
  const read = async (): Promise<readonly Buffer[]> => {
    try {
      await writeFile(fresh, newLine(), { mode: 0o600, flag: 'wx' })
      await link(fresh, file) // of two at once exactly one wins
      await chmod(file, 0o600)
    } catch (error) {
      // A file that a platform mounts for us lies in a folder where nothing can be made.
      const found = isThere(error) || (await readFile(file).then(Boolean, () => false))
      if (!found) throw new DavitError('unavailable', `${origin} cannot be made: ${String(error)}`, { cause: error })
    } finally {
      await rm(fresh, { force: true })
    }
    return parseKeys(origin, await readFile(file, 'utf8'))
  }
  const add = async (): Promise<void> => {
    try {
      await writeFile(fresh, newLine() + (await readFile(file, 'utf8')), { mode: 0o600 })
      await rename(fresh, file)
    } catch (cause) {
      throw new DavitError('unavailable', `${origin} cannot be written`, { hint: 'put a new key in its first line yourself, then rotate again', cause })
    }
  }
  return { origin, read, add }
}

const commandSource = (command: string): KeySource => {
  const origin = 'the command of secrets_key_command'
  return {
    origin,
    read: async () => {
      // What it writes may hold keys: neither output is passed on.
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], { timeout: COMMAND_MS, encoding: 'utf8' }).catch((error: unknown) => {
        const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
        throw new DavitError('unavailable', `${origin} failed${code}`, { hint: 'run it by hand: it must print the keys, the active one first' })
      })
      return parseKeys(origin, stdout)
    },
  }
}

export interface KeyInputs {
  readonly key: string | undefined
  readonly command: string | undefined
  readonly file: string
}

/** Where this server's keys come from: the variable, else the command, else the file. */
export const keySource = ({ key, command, file }: KeyInputs): KeySource => {
  const origin = 'DAVIT_SECRETS_KEY'
  if (key !== undefined) return { origin, read: async () => parseKeys(origin, key) }
  return command === undefined ? fileSource(file) : commandSource(command)
}

/** A key that is only in memory: for tests. */
export const fixedKeys = (...keys: readonly Buffer[]): KeySource => ({ origin: 'memory', read: async () => keys })
