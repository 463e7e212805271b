import { join } from 'node:path'
import { type ClusterPaths, NETWORK, nodeAddress, type NodePaths, podSubnet } from './layout.ts'
import { PAUSE_IMAGE } from './node-images.ts'

export interface NodeInput {
  readonly cluster: ClusterPaths
  readonly node: NodePaths
  readonly index: number
  /** Absolute paths of programs. */
  readonly runc: string
  readonly cniFolder: string
}

/** Strings of TOML and JSON are the same for what we write. */
const quoted = (value: string): string => JSON.stringify(value)

/** containerd's settings. A VM may lack the right to lower oom scores, and then no pod would start without `restrict_oom_score_adj`. */
export const containerdSettings = ({ node, runc, cniFolder }: NodeInput): string => {
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  return [
    'version = 2',
    `root = ${quoted(join(node.containerd, 'root'))}`,
    `state = ${quoted(join(node.containerd, 'state'))}`,
    '[grpc]',
    `  address = ${quoted(node.socket)}`,
    `[${cri}]`,
    `  sandbox_image = ${quoted(PAUSE_IMAGE)}`,
    '  restrict_oom_score_adj = true',
    `  [${cri}.containerd]`,
    '    snapshotter = "overlayfs"',
    '    default_runtime_name = "runc"',
    `  [${cri}.containerd.runtimes.runc]`,
    '    runtime_type = "io.containerd.runc.v2"',
    `  [${cri}.containerd.runtimes.runc.options]`,
    `    BinaryName = ${quoted(runc)}`,
    '    SystemdCgroup = false',
    `  [${cri}.cni]`,
    `    bin_dir = ${quoted(cniFolder)}`,
    `    conf_dir = ${quoted(node.cni)}`,
    '',
  ].join('\n')
}

/** One bridge a node, with addresses of the node's own subnet. */
export const podNetwork = ({ node, index }: NodeInput): string => {
  const ipam = {
    type: 'host-local',
    dataDir: join(node.dir, 'ipam'),
    ranges: [[{ subnet: podSubnet(index) }]],
    routes: [{ dst: '0.0.0.0/0' }],
  }
  const bridge = { type: 'bridge', bridge: 'pods', isGateway: true, ipMasq: false, hairpinMode: true, ipam }
  const plugins = [bridge, { type: 'portmap', capabilities: { portMappings: true } }]
  return JSON.stringify({ cniVersion: '1.0.0', name: 'davit-testbed', plugins })
}

const NEVER_EVICT = Object.fromEntries(
  ['memory.available', 'nodefs.available', 'nodefs.inodesFree', 'imagefs.available', 'imagefs.inodesFree'].map((signal) => [signal, '0%']),
)

/** The kubelet's settings: nothing is evicted or collected behind a test's back, and long logs stay in one file. */
export const kubeletSettings = ({ cluster, node, index }: NodeInput): string =>
  JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: nodeAddress(index),
    readOnlyPort: 0,
    healthzBindAddress: '127.0.0.1',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: join(cluster.pki, 'ca.crt') } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(node.dir, 'kubelet-server.crt'),
    tlsPrivateKeyFile: join(node.dir, 'kubelet-server.key'),
    containerRuntimeEndpoint: `unix://${node.socket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${node.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [NETWORK.dns],
    clusterDomain: 'cluster.local',
    resolvConf: join(node.dir, 'resolv.conf'),
    maxPods: 250,
    maxOpenFiles: 20_000,
    serializeImagePulls: false,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    containerLogMaxSize: '100Mi',
    nodeStatusUpdateFrequency: '4s',
    nodeLeaseDurationSeconds: 16,
    evictionHard: NEVER_EVICT,
    imageGCHighThresholdPercent: 100,
    // An image that was pulled under one name and loaded under another would be refused.
    imagePullCredentialsVerificationPolicy: 'NeverVerify',
    volumePluginDir: join(node.dir, 'volume-plugins'),
  })

/** kube-proxy's settings; zeros keep it from writing the machine's connection tracking limits. */
export const proxySettings = ({ cluster, node, index }: NodeInput): string =>
  JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clusterCIDR: NETWORK.pods,
    hostnameOverride: node.name,
    bindAddress: nodeAddress(index),
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    clientConnection: { kubeconfig: join(cluster.pki, 'kube-proxy.kubeconfig') },
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  })
