import { access, constants, readdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DavitError } from 'davit/contract'
import type { Log } from '#supervise/log.ts'
import { type Account, closedFolder } from '#supervise/open-folder.ts'
import { findProgram, runProgram } from '#supervise/program.ts'
import { bundledBin } from './bundled.ts'

/** `system`: installed on this machine. `bundled`: from npm. Else the folder that holds `postgres` and `initdb`. */
export type BinariesChoice = 'system' | 'bundled' | (string & {})

export interface Binaries {
  /** Folder of `postgres` and `initdb`. */
  readonly bin: string
  /** As `15.18`. */
  readonly version: string
  readonly major: number
}

/** The oldest major version whose SQL we use. */
export const OLDEST_MAJOR = 14

/** `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` → `15.18`; `18beta1` → `18beta1`. */
export const parseVersion = (text: string): string | undefined => /\(PostgreSQL\) (\d+\S*)/.exec(text)?.[1]

const byVersionDown = (a: string, b: string): number => b.localeCompare(a, 'en', { numeric: true })

const versioned = async (base: string): Promise<readonly string[]> => {
  const names = await readdir(base).catch(() => [])
  return names
    .filter((name) => /^\d/.test(name))
    .sort(byVersionDown)
    .map((name) => join(base, name, 'bin'))
}

async function* systemBins(): AsyncGenerator<string> {
  const config = await findProgram('pg_config')
  if (config !== undefined) {
    const { code, stdout } = await runProgram(config, ['--bindir'])
    if (code === 0) yield stdout.trim()
  }
  yield* await versioned('/usr/lib/postgresql')
  const postgres = await findProgram('postgres')
  if (postgres !== undefined) yield dirname(await realpath(postgres))
}

export interface FindBinaries {
  readonly choice: BinariesChoice | undefined
  /** Major version that the data folder needs; undefined when there is no data yet. */
  readonly major: number | undefined
  /** Who must be able to run them. */
  readonly account: Account | undefined
  readonly cacheDir: string
  readonly log: Log
  readonly signal?: AbortSignal | undefined
}

async function* candidates({ choice, ...options }: FindBinaries): AsyncGenerator<string> {
  if (choice !== undefined && choice !== 'system' && choice !== 'bundled') {
    yield choice
    return
  }
  if (choice !== 'bundled') yield* systemBins()
  if (choice === 'system') return
  const bundled = await bundledBin(options)
  if (bundled !== undefined) yield bundled
}

const inspect = async (bin: string, account: Account | undefined): Promise<Binaries | string> => {
  const programs = [join(bin, 'postgres'), join(bin, 'initdb')]
  for (const program of programs) {
    const fits = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (!fits) return `${program} is not there`
  }
  const closed = account && (await closedFolder(bin, account))
  if (closed !== undefined) return `${bin} (${closed} is closed for user ${account?.name})`
  const { code, stdout, stderr } = await runProgram(join(bin, 'postgres'), ['--version'])
  const version = parseVersion(stdout)
  return code === 0 && version !== undefined ? { bin, version, major: Number.parseInt(version, 10) } : `${bin} does not run: ${stderr.trim().slice(0, 300)}`
}

const noneFits = (major: number | undefined, seen: readonly string[]): DavitError => {
  const found = seen.length === 0 ? 'none found' : `found: ${seen.join('; ')}`
  if (major === undefined)
    return new DavitError('unavailable', `There is no PostgreSQL to start (${found}).`, {
      hint: 'Install one (Debian and Ubuntu: apt-get install postgresql; macOS: brew install postgresql), run `npm install` with optional packages, or give a database URL.',
    })
  return new DavitError('unavailable', `The database folder was made by PostgreSQL ${major}, and no PostgreSQL ${major} is here (${found}).`, {
    hint: `Install PostgreSQL ${major} (apt-get install postgresql-${major}), or convert the folder with pg_upgrade or a dump and restore. Nothing was changed.`,
  })
}

/** The first PostgreSQL that is there, runs for this account and fits the data. Throws `unavailable` saying what was seen and what to do. */
export const findBinaries = async (options: FindBinaries): Promise<Binaries> => {
  const seen = new Map<string, string>()
  for await (const bin of candidates(options)) {
    if (seen.has(bin)) continue
    const result = await inspect(bin, options.account)
    if (typeof result !== 'string' && result.major >= OLDEST_MAJOR && (options.major ?? result.major) === result.major) return result
    seen.set(bin, typeof result === 'string' ? result : `${result.version} in ${bin}${result.major < OLDEST_MAJOR ? `, older than ${OLDEST_MAJOR}` : ''}`)
  }
  throw noneFits(options.major, [...seen.values()])
}
