import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { invalid } from './invalid.ts'
import type { Io } from './io.ts'

const Context = z.object({
  endpoint: z.string(),
  project: z.string().optional(),
  token: z.string().optional(),
  /** The token was made by `davit login`, under this id: `davit logout` revokes it. */
  made: z.string().optional(),
})

const Contexts = z.object({
  current: z.string().optional(),
  contexts: z.record(z.string(), Context).default({}),
})
/** Servers saved by `davit use`, by name, and the one in use. */
export type Contexts = z.infer<typeof Contexts>

export const NO_CONTEXTS: Contexts = { contexts: {} }

export const contextsFile = (env: Io['env']): string => join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'davit', 'config.json')

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')

/** A file that is not there means no contexts; one that cannot be understood is refused with its path. */
export const readContexts = async (file: string): Promise<Contexts> => {
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw invalid(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (content === undefined) return NO_CONTEXTS
  try {
    return Contexts.parse(JSON.parse(content))
  } catch (cause) {
    throw invalid(`${file} is damaged`, { hint: 'repair or remove it, then choose a server again with `davit use URL`', cause })
  }
}

/** Whole or not at all, and for its owner only: it may hold a token. */
export const writeContexts = async (file: string, contexts: Contexts): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const fresh = `${file}.${process.pid}.tmp`
  await writeFile(fresh, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600 })
  await chmod(fresh, 0o600)
  await rename(fresh, file)
}
