import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DavitError } from 'davit/contract'
import { findProgram, USUAL_PATH } from '#supervise/program.ts'
import { type EngineTreeOptions, engineTree } from './engine-tree.ts'

export interface EnginePrograms {
  readonly dockerd: string
  readonly containerd: string
  /** The whole environment of the daemon and of the tools that clean up after it. */
  readonly env: Readonly<Record<string, string>>
  /** `system`: installed here. `unpacked`: in our cache folder. */
  readonly origin: 'system' | 'unpacked'
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** The environment of programs that run out of an unpacked tree. */
const treeEnv = async (tree: string): Promise<Record<string, string>> => {
  const root = join(tree, 'root')
  const triplets = (await readdir(join(root, 'usr/lib'))).filter((name) => name.includes('-linux-gnu'))
  const libraries = triplets.flatMap((triplet) => [join(root, 'usr/lib', triplet), join(root, 'lib', triplet)])
  const path = [join(tree, 'links'), ...['usr/bin', 'usr/sbin', 'bin', 'sbin'].map((name) => join(root, name)), USUAL_PATH]
  return { PATH: path.join(':'), LD_LIBRARY_PATH: libraries.join(':'), XTABLES_LIBDIR: libraries.map((library) => join(library, 'xtables')).join(':') }
}

const noEngine = (why: string): DavitError =>
  new DavitError('unavailable', `No container engine answers, and none can be started here: ${why}.`, {
    hint: 'Install and start Docker (apt-get install docker.io; Docker Desktop) or Podman (systemctl --user start podman.socket), or set DOCKER_HOST.',
  })

export interface EngineProgramsOptions extends EngineTreeOptions {
  /** Default: installed programs, else unpacked ones. */
  readonly programs?: 'system' | 'unpacked' | undefined
}

/** Finds or fetches dockerd and what it needs. Throws `unavailable` with what to install. */
export const enginePrograms = async (options: EngineProgramsOptions): Promise<EnginePrograms> => {
  if (process.platform !== 'linux') throw noEngine(`a private one needs Linux, this is ${process.platform}`)
  if (process.getuid?.() !== 0) throw noEngine('a private one needs root')
  const system = options.programs === 'unpacked' ? undefined : await findProgram('dockerd')
  if (system !== undefined)
    return {
      dockerd: system,
      containerd: (await findProgram('containerd')) ?? join(dirname(system), 'containerd'),
      env: { PATH: `${dirname(system)}:${USUAL_PATH}` },
      origin: 'system',
    }
  if (options.programs === 'system') throw noEngine('dockerd is not installed')
  if (!(await exists('/usr/bin/apt-get')) || !(await exists('/usr/bin/dpkg')))
    throw noEngine('dockerd is not installed, and fetching it needs Debian or Ubuntu')
  const tree = await engineTree(options)
  return { dockerd: join(tree, 'root/usr/sbin/dockerd'), containerd: join(tree, 'root/usr/bin/containerd'), env: await treeEnv(tree), origin: 'unpacked' }
}
