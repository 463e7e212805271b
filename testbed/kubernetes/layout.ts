import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** What a cluster is made of; written to its folder before anything else of it exists. */
export interface ClusterSettings {
  readonly name: string
  /** Real nodes; 0: a control plane alone, with `kwok`. */
  readonly nodes: number
  /** Nodes that kwok plays; 0: no kwok. */
  readonly fakeNodes: number
  readonly registry: boolean
}

/** Everything of a cluster that is on the disk, and where. */
export interface ClusterPaths {
  readonly name: string
  readonly dir: string
  readonly settings: string
  /** Exists once the cluster has been whole: its data can be taken up again. */
  readonly ready: string
  readonly pki: string
  readonly etcd: string
  readonly registry: string
  /** What the cluster's programs see as /tmp: volumes of claims are in it. */
  readonly tmp: string
  /** For programs inside the cluster's network namespace. */
  readonly adminKubeconfig: string
  /** For programs of the machine: names a port on 127.0.0.1. */
  readonly hostKubeconfig: string
  readonly audit: string
  /** Which process it was made for; not there when it is to stay. */
  readonly owner: string
}

export interface NodePaths {
  readonly name: string
  readonly dir: string
  readonly logs: string
  readonly containerd: string
  readonly socket: string
  readonly cni: string
  /** How containerd speaks to which registry: a folder for each. */
  readonly registries: string
  readonly kubelet: string
  /** cgroup below which all pods of the node are, in every hierarchy. */
  readonly cgroup: string
}

/** Where clusters live. Short, as sockets are below it and their paths may have 107 bytes only. */
export const testbedHome = (): string => process.env['DAVIT_TESTBED_HOME'] ?? '/var/tmp/davit-testbed'

const NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/

export const checkName = (name: string): string => {
  if (!NAME.test(name)) throw new Error(`not a name for a cluster: ${name} (1 to 32 of a-z, 0-9 and -, with no - at the ends)`)
  return name
}

export const clusterPaths = (name: string): ClusterPaths => {
  const dir = join(testbedHome(), checkName(name))
  return {
    name,
    dir,
    settings: join(dir, 'cluster.json'),
    ready: join(dir, 'ready'),
    pki: join(dir, 'pki'),
    etcd: join(dir, 'etcd'),
    registry: join(dir, 'registry'),
    tmp: join(dir, 'tmp'),
    adminKubeconfig: join(dir, 'admin.kubeconfig'),
    hostKubeconfig: join(dir, 'host.kubeconfig'),
    audit: join(dir, 'audit.log'),
    owner: join(dir, 'owner.json'),
  }
}

export const nodePaths = (cluster: ClusterPaths, index: number): NodePaths => {
  const name = nodeName(index)
  const dir = join(cluster.dir, name)
  const hash = createHash('sha256').update(dir).digest('hex').slice(0, 10)
  return {
    name,
    dir,
    logs: join(dir, 'log'),
    containerd: join(dir, 'containerd'),
    socket: join(dir, 'containerd.sock'),
    cni: join(dir, 'cni'),
    registries: join(dir, 'registries'),
    kubelet: join(dir, 'kubelet'),
    cgroup: `davit-testbed-${hash}`,
  }
}

export const nodeName = (index: number): string => `n${index + 1}`

/** The network namespaces are private, so every cluster has the same addresses, and none is known to the machine. */
export const NETWORK = {
  services: '10.252.0.0/16',
  /** The Service `kubernetes`. */
  kubernetes: '10.252.0.1',
  /** The Service `kube-dns`, which every pod asks. */
  dns: '10.252.0.10',
  /** Where that leads to, on node n1. Not 53, which a pod may want for itself. */
  dnsPort: 10_053,
  pods: '10.251.0.0/16',
  fakePods: '10.250.128.0/17',
  apiPort: 6443,
} as const

export const nodeAddress = (index: number): string => `10.250.0.${index + 2}`
export const podSubnet = (index: number): string => `10.251.${index}.0/24`
/** Where programs inside the cluster's network reach the API server. */
export const API_URL = `https://${nodeAddress(0)}:${NETWORK.apiPort}`
