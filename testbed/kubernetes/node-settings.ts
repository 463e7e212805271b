import { join } from 'node:path'
import { type ClusterPaths, NETWORK, nodeAddress, type NodePaths, podSubnet } from './layout.ts'
import { PAUSE_IMAGE } from './node-images.ts'

export interface NodeInput {
  readonly cluster: ClusterPaths
  readonly node: NodePaths
  readonly index: number
  /** Absolute paths of programs. */
  readonly shim: string
  readonly runc: string
  readonly cniFolder: string
}

/** Strings of TOML and JSON are the same for what we write. */
const quoted = (value: string): string => JSON.stringify(value)

/**
 * containerd's settings, in its own newest form, and nothing of the machine's: no files to include, no hosts of registries. A VM may lack
 * the right to lower oom scores, and then no pod would start without `restrict_oom_score_adj`.
 */
export const containerdSettings = ({ node, shim, runc, cniFolder }: NodeInput): string => {
  const plugin = (name: string): string => `plugins."io.containerd.${name}"`
  const [images, runtime] = [plugin('cri.v1.images'), plugin('cri.v1.runtime')]
  return [
    'version = 4',
    'imports = []',
    `root = ${quoted(join(node.containerd, 'root'))}`,
    `state = ${quoted(join(node.containerd, 'state'))}`,
    `[${plugin('server.v1.grpc')}]`,
    `  address = ${quoted(node.socket)}`,
    `[${plugin('server.v1.ttrpc')}]`,
    `  address = ${quoted(`${node.socket}.ttrpc`)}`,
    `[${plugin('nri.v1.nri')}]`,
    '  disable = true',
    `[${images}]`,
    '  snapshotter = "overlayfs"',
    `[${images}.pinned_images]`,
    `  sandbox = ${quoted(PAUSE_IMAGE)}`,
    `[${images}.registry]`,
    `  config_path = ${quoted(node.registries)}`,
    `[${runtime}]`,
    '  restrict_oom_score_adj = true',
    '  cdi_spec_dirs = []',
    `[${runtime}.containerd]`,
    '  default_runtime_name = "runc"',
    `[${runtime}.containerd.runtimes.runc]`,
    '  runtime_type = "io.containerd.runc.v2"',
    `  runtime_path = ${quoted(shim)}`,
    `[${runtime}.containerd.runtimes.runc.options]`,
    `  BinaryName = ${quoted(runc)}`,
    '  SystemdCgroup = false',
    `[${runtime}.cni]`,
    `  bin_dirs = [${quoted(cniFolder)}]`,
    `  conf_dir = ${quoted(node.cni)}`,
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
    // A volume that outgrows its size is seen after so long, not after a minute or two.
    volumeStatsAggPeriod: '10s',
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
    // A pod may call a Service by its name as soon as that is ready. Zero would stand for the default, a second.
    iptables: { minSyncPeriod: '20ms' },
    clusterCIDR: NETWORK.pods,
    hostnameOverride: node.name,
    bindAddress: nodeAddress(index),
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    clientConnection: { kubeconfig: join(cluster.pki, 'kube-proxy.kubeconfig') },
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  })
