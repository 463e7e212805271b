import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fetchPackages, resolvePackages } from '../../packages/server/src/engines/docker/private/debian-packages.ts'
import { buildOnce } from '../../packages/server/src/supervise/build-once.ts'
import { runProgram } from '../../packages/server/src/supervise/program.ts'
import { cacheFolder } from '../images/index.ts'
import type { Say } from './go-build.ts'

/** What a node needs of the distribution. apt adds what these need and the machine lacks. */
const PROGRAMS = ['runc', 'containernetworking-plugins', 'conntrack', 'iptables', 'iproute2', 'docker-registry'] as const
/** Libraries of theirs that the machine may have now and not tomorrow. */
const LIBRARIES = ['libseccomp2', 'libxtables12', 'libip4tc2', 'libip6tc2', 'libnftnl11', 'libmnl0', 'libnfnetlink0', 'libnetfilter-conntrack3'] as const
const WANTED = [...PROGRAMS, ...LIBRARIES]

/** A tree fits one release of one distribution: its programs use the libraries of the machine. */
const keyOf = async (): Promise<string> => {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  return createHash('sha256')
    .update(JSON.stringify([release, process.arch, WANTED, 'all']))
    .digest('hex')
    .slice(0, 16)
}

/** The packages' own scripts, which do not run here, would choose one of two iptables. */
const linkIptables = async (folder: string): Promise<void> => {
  await mkdir(folder)
  for (const family of ['iptables', 'ip6tables'])
    for (const name of [family, `${family}-save`, `${family}-restore`]) await symlink('../usr/sbin/xtables-nft-multi', join(folder, name))
}

const download = async (folder: string, { say, signal }: { say: Say; signal?: AbortSignal | undefined }): Promise<void> => {
  const scratch = join(folder, 'apt')
  let why = ''
  // The lists of a fresh machine are often too old, or not there.
  for (const lists of ['system', 'own'] as const) {
    const resolved = await resolvePackages({ scratch, lists, signal, wanted: WANTED, reinstall: true })
    why = typeof resolved === 'string' ? resolved : ''
    if (typeof resolved === 'string') continue
    const megabytes = (resolved.packages.reduce((sum, each) => sum + each.bytes, 0) / 1e6).toFixed(0)
    say(`fetching ${resolved.packages.length} Debian packages, ${megabytes} MB (unpacked into the cache, nothing is installed)`)
    await mkdir(join(folder, 'debs'), { recursive: true })
    why = (await fetchPackages({ ...resolved, folder: join(folder, 'debs'), signal })) ?? ''
    if (!why) return
  }
  throw new Error(`could not fetch the Debian packages of the testbed: ${why.trim()}`)
}

/** Folder with runc, CNI plugins, iptables and a registry, unpacked once for all processes. */
export const debianTree = async ({ say, signal }: { say: Say; signal?: AbortSignal | undefined }): Promise<string> => {
  const target = join(cacheFolder(), 'testbed', `debian-${await keyOf()}`)
  await buildOnce({
    target,
    signal,
    onWait: (pid) => say(`process ${pid} unpacks the Debian packages; waiting for that`),
    build: async (folder) => {
      await download(folder, { say, signal })
      for (const deb of await readdir(join(folder, 'debs'))) {
        const { code, stderr } = await runProgram('dpkg', ['-x', join(folder, 'debs', deb), folder], { signal })
        if (code !== 0) throw new Error(`could not unpack ${deb}: ${stderr.trim()}`)
      }
      await linkIptables(join(folder, 'links'))
      await writeFile(join(folder, 'packages.txt'), `${(await readdir(join(folder, 'debs'))).sort().join('\n')}\n`)
      for (const unneeded of ['apt', 'debs', 'usr/share', 'etc']) await rm(join(folder, unneeded), { recursive: true, force: true })
    },
  })
  return target
}

/** Environment of programs that run out of the tree. */
export const treeEnv = async (tree: string, more: readonly string[]): Promise<Record<string, string>> => {
  const triplets = (await readdir(join(tree, 'usr/lib'))).filter((name) => name.includes('-linux-gnu'))
  const libraries = triplets.flatMap((triplet) => [join(tree, 'usr/lib', triplet), join(tree, 'lib', triplet)])
  const path = [join(tree, 'links'), ...['usr/bin', 'usr/sbin', 'bin', 'sbin'].map((name) => join(tree, name)), ...more]
  return {
    PATH: [...path, '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
    LD_LIBRARY_PATH: libraries.join(':'),
    XTABLES_LIBDIR: libraries.map((library) => join(library, 'xtables')).join(':'),
    HOME: '/root',
    LC_ALL: 'C.UTF-8',
  }
}
