import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DavitError } from 'davit/contract'
import { runProgram } from '#supervise/program.ts'

export interface DebianPackage {
  readonly name: string
  readonly version: string
  readonly bytes: number
}

/** The engine, and the tool that removes its links. apt adds what they need and this machine lacks. */
const WANTED = ['docker.io', 'iproute2'] as const

/** Reads `apt-get --print-uris`: `'uri' docker.io_20.10.24+dfsg1-1_amd64.deb 36256664 MD5Sum:…`. Epochs are written `%3a`. */
export const parseUris = (text: string): readonly DebianPackage[] =>
  [...text.matchAll(/^'[^']+' (\S+?)_(\S+)_[^_\s]+\.deb (\d+)/gm)].map(([, name = '', version = '', bytes]) => ({
    name,
    version: decodeURIComponent(version),
    bytes: Number(bytes),
  }))

/** Everything apt writes goes below `scratch`: nothing of the system is touched, not even apt's own cache. */
const aptOptions = (scratch: string, lists: 'system' | 'own'): readonly string[] => [
  `-oDir::Cache=${scratch}/cache`,
  '-oAPT::Sandbox::User=root',
  '-oAcquire::Retries=2',
  ...(lists === 'own' ? [`-oDir::State::lists=${scratch}/lists`] : []),
]

const failed = (step: string, stderr: string): DavitError =>
  new DavitError('unavailable', `Could not fetch a container engine (${step}): ${stderr.trim().split('\n').slice(-3).join(' ').slice(0, 500)}`, {
    hint: 'Check the network and apt, or install Docker or Podman yourself (apt-get install docker.io) and start it.',
  })

interface Wish {
  readonly options: readonly string[]
  readonly wanted: readonly string[]
  readonly reinstall: boolean
  readonly signal: AbortSignal | undefined
}

const resolveWith = async ({ options, wanted, reinstall, signal }: Wish): Promise<readonly DebianPackage[] | string> => {
  const flags = ['--print-uris', '--no-install-recommends', '-qq', '-y', ...(reinstall ? ['--reinstall'] : [])]
  const { code, stdout, stderr } = await runProgram('apt-get', ['install', ...flags, ...options, ...wanted], { signal })
  const packages = parseUris(stdout)
  return code === 0 && packages.some(({ name }) => name === wanted[0]) ? packages : stderr || `apt-get names no package ${wanted[0]}`
}

export interface Resolved {
  readonly packages: readonly DebianPackage[]
  readonly options: readonly string[]
}

export interface ResolveOptions {
  /** A folder of our own for apt's files. */
  readonly scratch: string
  /** `own`: fetch fresh package lists first, as the system's know nothing or name versions that are gone. */
  readonly lists: 'system' | 'own'
  readonly signal?: AbortSignal | undefined
  /** The packages to bring in. Default: a container engine. */
  readonly wanted?: readonly string[]
  /** Name wanted packages that are installed here too. Default: false. */
  readonly reinstall?: boolean
}

/** Which packages apt would install here for the engine. A string: why the lists at hand cannot tell. */
export const resolvePackages = async ({ scratch, lists, signal, wanted = WANTED, reinstall = false }: ResolveOptions): Promise<Resolved | string> => {
  const options = aptOptions(scratch, lists)
  await mkdir(join(scratch, 'cache/archives/partial'), { recursive: true })
  if (lists === 'own') {
    await mkdir(join(scratch, 'lists/partial'), { recursive: true })
    const { code, stderr } = await runProgram('apt-get', ['update', '-qq', ...options], { signal })
    if (code !== 0) throw failed('apt-get update', stderr)
  }
  const packages = await resolveWith({ options, wanted, reinstall, signal })
  return typeof packages === 'string' ? packages : { packages, options }
}

export interface FetchOptions extends Resolved {
  readonly folder: string
  readonly signal?: AbortSignal | undefined
  readonly onLine?: (line: string) => void
}

/** Downloads the packages (apt checks their signatures) into a folder. A string: why not. */
export const fetchPackages = async ({ packages, options, folder, signal, onLine }: FetchOptions): Promise<string | undefined> => {
  const names = packages.map(({ name, version }) => `${name}=${version}`)
  const { code, stderr } = await runProgram('apt-get', ['download', ...options, ...names], { cwd: folder, signal, ...(onLine && { onLine }) })
  return code === 0 ? undefined : stderr
}

/** Resolves and downloads; with fresh lists of our own when the system's are missing or too old. */
export const downloadEngine = async (input: {
  scratch: string
  folder: string
  signal?: AbortSignal | undefined
  onStart: (packages: readonly DebianPackage[]) => void
  onLine: (line: string) => void
}): Promise<readonly DebianPackage[]> => {
  let why = ''
  for (const lists of ['system', 'own'] as const) {
    const resolved = await resolvePackages({ ...input, lists })
    if (typeof resolved === 'string') {
      why = resolved
      continue
    }
    input.onStart(resolved.packages)
    const problem = await fetchPackages({ ...resolved, ...input })
    if (problem === undefined) return resolved.packages
    why = problem
  }
  throw failed('apt-get download', why)
}
