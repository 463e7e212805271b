import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { componentsOf } from './component-commands.ts'
import { kwokSettings } from './kwok-stages.ts'
import { type ClusterPaths, type ClusterSettings, type NodePaths } from './layout.ts'
import { containerdSettings, kubeletSettings, podNetwork, proxySettings } from './node-settings.ts'
import { writeNodePki, writePki } from './pki.ts'
import type { ClusterPrograms } from './programs.ts'

/** Requests of everybody but the cluster's own parts and its administrators, so that a test can count what a user of it asked for. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', userGroups: ['system:masters', 'system:nodes', 'system:serviceaccounts:kube-system'] },
    { level: 'None', users: ['system:kube-controller-manager', 'system:kube-scheduler', 'system:kube-proxy', 'system:apiserver', 'system:anonymous'] },
    { level: 'Metadata' },
  ],
}

/** Docker's registry in Debian's package, on the node's loopback, without TLS. Under this name the node logs in by itself. */
export const REGISTRY = 'localhost:5000'
/** The same registry under a name by which nobody gets in without a pull secret. */
export const LOCKED_REGISTRY = '127.0.0.1:5000'
export const REGISTRY_LOGIN = { user: 'puller', password: 'let-me-pull' } as const
/** bcrypt of that password. */
const PASSWORDS = `${REGISTRY_LOGIN.user}:$2b$05$davitdavitdavitdavitdeY9L1QrbFelLyQyiKbgOdEmM1nBG84ti\n`

const registrySettings = (folder: string, passwords: string): object => ({
  version: 0.1,
  log: { level: 'warn' },
  storage: { filesystem: { rootdirectory: folder }, delete: { enabled: true } },
  http: { addr: '127.0.0.1:5000' },
  auth: { htpasswd: { realm: 'testbed', path: passwords } },
})

const writeRegistryFiles = async ({ dir, registry }: ClusterPaths): Promise<void> => {
  const passwords = join(dir, 'registry.htpasswd')
  await writeFile(passwords, PASSWORDS)
  await writeJson(join(dir, 'registry.json'), registrySettings(registry, passwords))
}

/** How containerd speaks to the registry under each of its names. */
const writeRegistryHosts = async ({ registries }: NodePaths): Promise<void> => {
  const login = Buffer.from(`${REGISTRY_LOGIN.user}:${REGISTRY_LOGIN.password}`).toString('base64')
  const hosts = {
    [REGISTRY]: `server = "http://${REGISTRY}"\n[host."http://${REGISTRY}".header]\n  Authorization = "Basic ${login}"\n`,
    [LOCKED_REGISTRY]: `server = "http://${LOCKED_REGISTRY}"\n`,
  }
  for (const [name, text] of Object.entries(hosts)) {
    await mkdir(join(registries, name), { recursive: true })
    await writeFile(join(registries, name, 'hosts.toml'), text)
  }
}

const writeJson = (path: string, content: object): Promise<void> => writeFile(path, JSON.stringify(content))

/** Files of the whole cluster. */
export const writeClusterFiles = async (paths: ClusterPaths, settings: ClusterSettings): Promise<void> => {
  for (const folder of [paths.dir, paths.etcd, paths.registry, paths.tmp]) await mkdir(folder, { recursive: true })
  await writePki(paths)
  await writeJson(join(paths.dir, 'audit-policy.json'), AUDIT_POLICY)
  if (settings.registry) await writeRegistryFiles(paths)
  if (settings.fakeNodes > 0) await writeFile(join(paths.dir, 'kwok.yaml'), kwokSettings())
}

export interface NodeFilesInput {
  readonly settings: ClusterSettings
  readonly cluster: ClusterPaths
  readonly node: NodePaths
  readonly index: number
  readonly programs: ClusterPrograms
}

/** Files of one node, if it is one that runs pods. */
export const writeNodeFiles = async ({ settings, cluster, node, index, programs }: NodeFilesInput): Promise<void> => {
  for (const folder of [node.dir, node.logs, node.cni, node.kubelet]) await mkdir(folder, { recursive: true })
  if (!componentsOf(settings, index).includes('kubelet')) return
  await writeNodePki(cluster, node, index)
  const shim = join(programs.containerd, 'containerd-shim-runc-v2')
  const input = { cluster, node, index, shim, runc: join(programs.debian, 'usr/sbin/runc'), cniFolder: join(programs.debian, 'usr/lib/cni') }
  await writeFile(join(node.dir, 'containerd.toml'), containerdSettings(input))
  await writeRegistryHosts(node)
  await writeFile(join(node.cni, '10-bridge.conflist'), podNetwork(input))
  await writeFile(join(node.dir, 'kubelet.json'), kubeletSettings(input))
  await writeFile(join(node.dir, 'kube-proxy.json'), proxySettings(input))
  // The machine's resolvers cannot be reached from pods: an empty list fails at once.
  await writeFile(join(node.dir, 'resolv.conf'), '')
}
