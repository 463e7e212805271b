import type { GoModule } from './go-build.ts'

/** The release that is built; go.mod of `go/hyper` names the same. */
export const KUBERNETES_VERSION = '1.36.3'

const versionOf = (path: string): Record<string, string> => ({
  [`${path}.gitVersion`]: `v${KUBERNETES_VERSION}`,
  [`${path}.gitMajor`]: '1',
  [`${path}.gitMinor`]: KUBERNETES_VERSION.split('.')[1] ?? '',
  [`${path}.gitTreeState`]: 'clean',
  [`${path}.gitCommit`]: 'unknown',
  [`${path}.buildDate`]: '1970-01-01T00:00:00Z',
})

export const GO_MODULES = {
  hyper: {
    folder: 'hyper',
    programs: { hyper: '.', kubectl: 'k8s.io/kubernetes/cmd/kubectl' },
    tags: 'selinux,notest,grpcnotrace',
    variables: { ...versionOf('k8s.io/component-base/version'), ...versionOf('k8s.io/client-go/pkg/version') },
    about: `Kubernetes ${KUBERNETES_VERSION} from its Go modules, once (about 5 minutes on two cores)`,
  },
  // Without what the test nodes have no use for: other snapshotters, tracing, a word to systemd.
  containerd: {
    folder: 'containerd',
    programs: {
      containerd: 'github.com/containerd/containerd/v2/cmd/containerd',
      'containerd-shim-runc-v2': 'github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2',
      ctr: 'github.com/containerd/containerd/v2/cmd/ctr',
    },
    tags: 'no_btrfs,no_zfs,no_devmapper,no_tracing,no_systemd',
    about: 'containerd 2.4, once (about 2 minutes)',
  },
  etcd: { folder: 'etcd', programs: { etcd: 'go.etcd.io/etcd/server/v3' }, about: 'etcd 3.6, once (about a minute)' },
  kwok: { folder: 'kwok', programs: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' }, about: 'kwok 0.8, once (about a minute)' },
  pause: { folder: 'pause', programs: { pause: '.' }, about: 'the first process of pods and nodes' },
} as const satisfies Record<string, GoModule>
