import { join } from 'node:path'
import { type ClusterPaths, type ClusterSettings, NETWORK, nodeAddress, type NodePaths } from './layout.ts'
import type { ClusterPrograms } from './programs.ts'

/** The programs of a cluster by the names that `logs` and tests use. */
export const COMPONENTS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'containerd',
  'kubelet',
  'kube-proxy',
  'dns',
  'registry',
  'kwok',
] as const
export type ComponentName = (typeof COMPONENTS)[number]

export const isComponent = (name: string): name is ComponentName => COMPONENTS.some((known) => known === name)

const ON_EVERY_NODE: readonly ComponentName[] = ['containerd', 'kubelet', 'kube-proxy']

/** The components of a node, in the order they start. The first node has the control plane too. */
export const componentsOf = ({ nodes, fakeNodes, registry }: ClusterSettings, index: number): readonly ComponentName[] => {
  const control: readonly ComponentName[] = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  const dns: readonly ComponentName[] = nodes > 0 ? ['dns'] : []
  const extra: readonly ComponentName[] = [...dns, ...(registry ? (['registry'] as const) : []), ...(fakeNodes > 0 ? (['kwok'] as const) : [])]
  return [...(index === 0 ? control : []), ...(index < nodes ? ON_EVERY_NODE : []), ...(index === 0 ? extra : [])]
}

export interface CommandInput {
  readonly settings: ClusterSettings
  readonly cluster: ClusterPaths
  readonly node: NodePaths
  readonly index: number
  readonly programs: Pick<ClusterPrograms, 'kubernetes' | 'etcd' | 'containerd' | 'kwok' | 'debian'>
}

const ETCD_URL = 'http://127.0.0.1:2379'
const ETCD_PEER = 'http://127.0.0.1:2380'

const etcd = ({ programs, cluster }: CommandInput): string[] => [
  join(programs.etcd, 'etcd'),
  '--name=n1',
  `--data-dir=${cluster.etcd}`,
  '--unsafe-no-fsync',
  '--quota-backend-bytes=4294967296',
  `--listen-client-urls=${ETCD_URL}`,
  `--advertise-client-urls=${ETCD_URL}`,
  `--listen-peer-urls=${ETCD_PEER}`,
  `--initial-advertise-peer-urls=${ETCD_PEER}`,
  `--initial-cluster=n1=${ETCD_PEER}`,
]

const tlsFlags = (pki: string): string[] => {
  const file = (name: string): string => join(pki, name)
  return [
    `--tls-cert-file=${file('apiserver.crt')}`,
    `--tls-private-key-file=${file('apiserver.key')}`,
    `--client-ca-file=${file('ca.crt')}`,
    `--kubelet-certificate-authority=${file('ca.crt')}`,
    `--kubelet-client-certificate=${file('apiserver-kubelet.crt')}`,
    `--kubelet-client-key=${file('apiserver-kubelet.key')}`,
    `--service-account-key-file=${file('tokens.pub')}`,
    `--service-account-signing-key-file=${file('tokens.key')}`,
    `--requestheader-client-ca-file=${file('ca.crt')}`,
    `--proxy-client-cert-file=${file('front-proxy.crt')}`,
    `--proxy-client-key-file=${file('front-proxy.key')}`,
  ]
}

/** Who issues tokens, and whom they are for. */
export const TOKEN_ISSUER = 'https://kubernetes.default.svc.cluster.local'

const apiserver = ({ programs, cluster, settings }: CommandInput): string[] => [
  join(programs.kubernetes, 'kube-apiserver'),
  `--etcd-servers=${ETCD_URL}`,
  `--bind-address=${nodeAddress(0)}`,
  `--advertise-address=${nodeAddress(0)}`,
  `--secure-port=${NETWORK.apiPort}`,
  `--service-cluster-ip-range=${NETWORK.services}`,
  ...tlsFlags(cluster.pki),
  '--kubelet-preferred-address-types=InternalIP',
  `--service-account-issuer=${TOKEN_ISSUER}`,
  '--requestheader-allowed-names=front-proxy',
  '--requestheader-username-headers=X-Remote-User',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  '--authorization-mode=Node,RBAC',
  '--enable-admission-plugins=NodeRestriction',
  '--allow-privileged=true',
  '--profiling=false',
  `--audit-policy-file=${join(cluster.dir, 'audit-policy.json')}`,
  `--audit-log-path=${cluster.audit}`,
  ...(settings.fakeNodes > 0 ? ['--max-requests-inflight=2000', '--max-mutating-requests-inflight=1000'] : []),
]

/** Enough for 10,000 pods with fake nodes; else enough to start in seconds. */
const clientLimits = ({ settings }: CommandInput): string[] =>
  settings.fakeNodes > 0 ? ['--kube-api-qps=2000', '--kube-api-burst=4000'] : ['--kube-api-qps=500', '--kube-api-burst=1000']

const controllerManager = (input: CommandInput): string[] => {
  const { programs, cluster, settings } = input
  const scale = ['--concurrent-job-syncs=50', '--concurrent-replicaset-syncs=20', '--terminated-pod-gc-threshold=50000', '--node-monitor-grace-period=300s']
  return [
    join(programs.kubernetes, 'kube-controller-manager'),
    `--kubeconfig=${join(cluster.pki, 'kube-controller-manager.kubeconfig')}`,
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    ...clientLimits(input),
    '--pvclaimbinder-sync-period=1s',
    '--enable-hostpath-provisioner=true',
    '--allocate-node-cidrs=false',
    `--service-account-private-key-file=${join(cluster.pki, 'tokens.key')}`,
    `--root-ca-file=${join(cluster.pki, 'ca.crt')}`,
    `--cluster-signing-cert-file=${join(cluster.pki, 'ca.crt')}`,
    `--cluster-signing-key-file=${join(cluster.pki, 'ca.key')}`,
    ...(settings.fakeNodes > 0 ? scale : ['--concurrent-job-syncs=20', '--node-monitor-grace-period=16s']),
  ]
}

const scheduler = (input: CommandInput): string[] => [
  join(input.programs.kubernetes, 'kube-scheduler'),
  `--kubeconfig=${join(input.cluster.pki, 'kube-scheduler.kubeconfig')}`,
  '--bind-address=127.0.0.1',
  '--leader-elect=false',
  ...clientLimits(input),
]

const kubelet = ({ programs, node, index }: CommandInput): string[] => [
  join(programs.kubernetes, 'kubelet'),
  `--config=${join(node.dir, 'kubelet.json')}`,
  `--kubeconfig=${join(node.dir, 'kubelet.kubeconfig')}`,
  `--hostname-override=${node.name}`,
  `--node-ip=${nodeAddress(index)}`,
  `--root-dir=${node.kubelet}`,
  `--cert-dir=${join(node.kubelet, 'pki')}`,
]

const kwok = ({ programs, cluster }: CommandInput): string[] => [
  join(programs.kwok ?? '', 'kwok'),
  `--kubeconfig=${join(cluster.pki, 'kwok.kubeconfig')}`,
  `--config=${join(cluster.dir, 'kwok.yaml')}`,
  `--manage-nodes-with-annotation-selector=${FAKE_NODE_MARK}`,
  '--node-lease-duration-seconds=200',
  `--cidr=${NETWORK.fakePods}`,
  `--node-ip=${nodeAddress(0)}`,
  `--server-address=127.0.0.1:10247`,
]

const dns = ({ cluster }: CommandInput): string[] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  join(import.meta.dirname, 'dns-process.ts'),
  cluster.adminKubeconfig,
  nodeAddress(0),
  String(NETWORK.dnsPort),
]

/** Annotation of the nodes that kwok plays, as `key=value`. */
export const FAKE_NODE_MARK = 'kwok.x-k8s.io/node=fake'

const COMMANDS = {
  etcd,
  'kube-apiserver': apiserver,
  'kube-controller-manager': controllerManager,
  'kube-scheduler': scheduler,
  containerd: ({ programs, node }) => [join(programs.containerd, 'containerd'), '--config', join(node.dir, 'containerd.toml')],
  kubelet,
  'kube-proxy': ({ programs, node }) => [join(programs.kubernetes, 'kube-proxy'), `--config=${join(node.dir, 'kube-proxy.json')}`],
  dns,
  registry: ({ programs, cluster }) => [join(programs.debian, 'usr/bin/docker-registry'), 'serve', join(cluster.dir, 'registry.json')],
  kwok,
} as const satisfies Record<ComponentName, (input: CommandInput) => string[]>

/** The whole command line of a component: the same at its first start and at every later one. Pure. */
export const componentCommand = (name: ComponentName, input: CommandInput): readonly string[] => COMMANDS[name](input)
