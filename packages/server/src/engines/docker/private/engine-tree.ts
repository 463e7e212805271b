import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DavitError } from 'davit/contract'
import { buildOnce } from '#supervise/build-once.ts'
import type { Log } from '#supervise/log.ts'
import { runProgram } from '#supervise/program.ts'
import { downloadEngine, type DebianPackage } from './debian-packages.ts'

export interface EngineTreeOptions {
  readonly cacheDir: string
  readonly log: Log
  readonly signal?: AbortSignal | undefined
  /** Told in sentences for a person, as work goes on. */
  readonly progress?: ((message: string) => void) | undefined
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`

/** A tree fits one release of one distribution: its programs use the libraries of the machine. */
const machineKey = async (): Promise<string> => {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(release)?.[1] ?? ''
  return createHash('sha256')
    .update([field('ID'), field('VERSION_ID'), process.arch].join())
    .digest('hex')
    .slice(0, 12)
}

const unpack = async (debs: string, root: string, signal?: AbortSignal): Promise<void> => {
  await mkdir(root)
  for (const name of await readdir(debs)) {
    const { code, stderr } = await runProgram('dpkg', ['-x', join(debs, name), root], { signal })
    if (code !== 0) throw new DavitError('unavailable', `Could not unpack ${name}: ${stderr.trim()}`, { hint: 'Is the disk full?' })
  }
  for (const unneeded of ['usr/share', 'etc']) await rm(join(root, unneeded), { recursive: true, force: true })
}

/** The package's install script, which we do not run, would choose one of two iptables. */
const linkIptables = async (folder: string): Promise<void> => {
  await mkdir(join(folder, 'links'))
  for (const name of ['iptables', 'iptables-save', 'iptables-restore', 'ip6tables', 'ip6tables-save', 'ip6tables-restore']) {
    await symlink('../root/usr/sbin/xtables-nft-multi', join(folder, 'links', name))
  }
}

const build = async (folder: string, { log, signal, progress, cacheDir }: EngineTreeOptions): Promise<void> => {
  const [scratch, debs] = [join(folder, 'apt'), join(folder, 'debs')]
  await mkdir(debs)
  const onStart = (packages: readonly DebianPackage[]): void => {
    const bytes = packages.reduce((sum, each) => sum + each.bytes, 0)
    log.info({ packages: packages.map(({ name, version }) => `${name}=${version}`), bytes, cacheDir }, 'fetching a container engine')
    progress?.(`fetching a container engine: ${packages.length} packages, ${megabytes(bytes)}, unpacked below ${cacheDir} (nothing is installed)`)
  }
  const packages = await downloadEngine({ scratch, folder: debs, signal, onStart, onLine: (line) => progress?.(line) })
  progress?.('unpacking the container engine')
  await unpack(debs, join(folder, 'root'), signal)
  await linkIptables(folder)
  await rm(scratch, { recursive: true, force: true })
  await rm(debs, { recursive: true, force: true })
  await writeFile(join(folder, 'packages.json'), `${JSON.stringify(packages, undefined, 2)}\n`)
}

/** A folder with an engine in it: unpacked from the distribution's packages, once for all processes. Throws `unavailable` when it cannot be fetched. */
export const engineTree = async (options: EngineTreeOptions): Promise<string> => {
  const target = join(options.cacheDir, `engine-${await machineKey()}`)
  await buildOnce({
    target,
    signal: options.signal,
    build: (folder) => build(folder, options),
    onWait: (pid) => options.progress?.(`waiting for process ${pid}, which unpacks the container engine`),
  })
  return target
}
