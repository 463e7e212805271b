import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, chown, copyFile, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)

export interface BusyboxOptions {
  /** Where fetched files are kept between runs. Default: `$XDG_CACHE_HOME/davit`; without it `/var/cache/davit` as root, else `~/.cache/davit`. */
  readonly cacheDir?: string
  /** Told what is fetched and where to. Default: one line on stderr. */
  readonly say?: (line: string) => void
}

const toStderr = (line: string): void => void process.stderr.write(`${line}\n`)

/** The folder for files that can be fetched again. */
export const cacheFolder = (): string => {
  if (process.env.XDG_CACHE_HOME) return join(process.env.XDG_CACHE_HOME, 'davit')
  return process.getuid?.() === 0 ? '/var/cache/davit' : join(homedir(), '.cache', 'davit')
}

/**
 * Path of a statically linked busybox: one on PATH, else one fetched before, else Debian's `busybox-static`, unpacked into the cache
 * folder (nothing is installed). Throws where there is neither such a busybox nor `apt-get`.
 */
export async function staticBusybox({ cacheDir = cacheFolder(), say = toStderr }: BusyboxOptions = {}): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) if (folder && (await isStatic(join(folder, 'busybox')))) return join(folder, 'busybox')
  const kept = join(cacheDir, 'busybox-static', 'busybox')
  if (await isStatic(kept)) return kept
  say(`busybox-static: fetching Debian's package (0.9 MB) with apt-get into ${cacheDir}`)
  await mkdir(join(cacheDir, 'busybox-static'), { recursive: true })
  const work = await mkdtemp(join(cacheDir, 'fetch-'))
  try {
    await download(work, say)
    const file = (await readdir(work)).find((name) => name.endsWith('.deb'))
    if (!file) throw new Error(`apt-get download busybox-static left no package in ${work}`)
    await exec('dpkg', ['-x', join(work, file), join(work, 'unpacked')])
    const found = await firstStatic(['bin/busybox', 'usr/bin/busybox'].map((path) => join(work, 'unpacked', path)))
    await copyFile(found, join(work, 'busybox'))
    // Two processes may come here at once: the rename is atomic, the last one wins, both are right.
    await rename(join(work, 'busybox'), kept)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return kept
}

async function download(cwd: string, say: (line: string) => void): Promise<void> {
  await letAptWrite(cwd)
  const get = (): Promise<unknown> => exec('apt-get', ['download', 'busybox-static'], { cwd })
  try {
    await get()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Error('no static busybox: put one on PATH (this machine has no apt-get to fetch it with)', { cause: error })
    say('busybox-static: apt-get does not know the package yet: updating its lists')
    await exec('apt-get', ['update'])
    await get()
  }
}

/** As root, apt downloads as the user `_apt` where that may write; else it warns. */
async function letAptWrite(folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const uid = await exec('id', ['-u', '_apt']).then(
    ({ stdout }) => Number(stdout),
    () => undefined,
  )
  if (uid !== undefined) await chown(folder, uid, 0)
}

async function firstStatic(paths: readonly string[]): Promise<string> {
  for (const path of paths) if (await isStatic(path)) return path
  throw new Error('the package busybox-static holds no static busybox')
}

const PT_INTERP = 3

/** An executable 64-bit ELF file that asks for no dynamic loader. */
export async function isStatic(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    await using file = await open(path)
    const head = Buffer.alloc(4096)
    await file.read(head, 0, head.length, 0)
    if (head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2) return false
    const [offset, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)]
    if (offset + size * count > head.length) return false
    return Array.from({ length: count }, (_, index) => head.readUInt32LE(offset + index * size)).every((type) => type !== PT_INTERP)
  } catch {
    return false
  }
}
