import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { buildOnce } from '../../packages/server/src/supervise/build-once.ts'
import { debianTree, treeEnv } from './debian-tree.ts'
import { goPrograms, type Say } from './go-build.ts'
import { GO_MODULES } from './go-modules.ts'

/** Folders and files of programs. */
export interface ClusterPrograms {
  /** kube-apiserver, kubelet and so on, and kubectl. */
  readonly kubernetes: string
  readonly etcd: string
  /** containerd, its shim and its own client. */
  readonly containerd: string
  readonly kwok: string | undefined
  readonly debian: string
  /** Path of the program `pause`. */
  readonly pause: string
  readonly kubectl: string
  /** The whole environment of the programs. */
  readonly env: Readonly<Record<string, string>>
}

const ROLES = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet']

/** The one binary under the names of all that it can be. */
const linkRoles = async (built: string): Promise<string> => {
  const target = `${built}-links`
  await buildOnce({
    target,
    build: async (folder) => {
      for (const role of ROLES) await symlink(join(built, 'hyper'), join(folder, role))
    },
  })
  return target
}

export interface ProgramsOptions {
  readonly kwok: boolean
  readonly say: Say
  readonly signal?: AbortSignal | undefined
}

/** Fetches and builds what a cluster runs; quick once it was done. */
export const clusterPrograms = async ({ kwok, say, signal }: ProgramsOptions): Promise<ClusterPrograms> => {
  const options = { say, signal }
  const debian = await debianTree(options)
  const pause = await goPrograms(GO_MODULES.pause, options)
  const etcd = await goPrograms(GO_MODULES.etcd, options)
  const containerd = await goPrograms(GO_MODULES.containerd, options)
  const built = await goPrograms(GO_MODULES.hyper, options)
  const kubernetes = await linkRoles(built)
  return {
    kubernetes,
    etcd,
    containerd,
    debian,
    kwok: kwok ? await goPrograms(GO_MODULES.kwok, options) : undefined,
    pause: join(pause, 'pause'),
    kubectl: join(built, 'kubectl'),
    env: await treeEnv(debian, [join(debian, 'usr/lib/cni')]),
  }
}
