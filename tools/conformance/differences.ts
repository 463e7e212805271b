import type { EngineName } from './results.ts'

export interface Difference {
  readonly engines: readonly EngineName[]
  readonly what: string
  readonly why: string
}

/** Where engines differ on purpose, and why. What is not here is meant to be the same. */
export const DIFFERENCES = [
  {
    engines: ['memory'],
    what: 'has no machine: nothing about limits, networks, volumes, raw bytes of logs or a death of the engine is asked of it',
    why: 'it plays containers inside the server’s process, for tests and benchmarks of everything above the engine',
  },
  {
    engines: ['kubernetes'],
    what: 'images, commands and secrets that cannot be used are seen on the workload soon after it was made, and not refused by `apply`; then it is removed',
    why: 'only the node that a pod came to knows; Docker answers while the container is made',
  },
  {
    engines: ['docker'],
    what: 'each replica of a service has a published port of its own; the first is the service’s',
    why: 'a single machine’s engine has no balancer; on Kubernetes one NodePort leads to all replicas in turn',
  },
  {
    engines: ['docker'],
    what: 'a ClusterIP service is published on loopback too',
    why: 'so that the owner of a laptop can open it; on Kubernetes it has an address inside the cluster only',
  },
  {
    engines: ['docker'],
    what: 'a container’s host name is its replica’s name and stays the same over restarts; on Kubernetes it is the pod’s, and a new pod has a new one',
    why: 'Deployments number no replicas',
  },
  {
    engines: ['docker'],
    what: 'an image as a volume is refused',
    why: 'neither Docker nor Podman of the supported versions can mount one',
  },
  {
    engines: ['kubernetes'],
    what: 'the claim of a `shared_volume` must exist; Docker makes the volume with its first run',
    why: 'how large it is, and of which class, is for whoever runs the cluster to say',
  },
  {
    engines: ['docker'],
    what: 'node selector, affinity, tolerations, priority and runtime class, fs_group, GPU and sizes of volumes are accepted and noted on the run as not honoured, as far as `can` of the engine says so',
    why: 'one machine has nothing to choose from; the same function must run on a laptop',
  },
  {
    engines: ['kubernetes'],
    what: 'a run that asks for more CPU than any node has waits as `unschedulable-cpu`; on Docker it runs with what there is',
    why: 'a limit counts as a request where none is given, and a cluster may get a larger node',
  },
  {
    engines: ['kubernetes'],
    what: 'of a container that was restarted, a node keeps the log of its present life and of the one before; earlier lives are there only if they were followed',
    why: 'the kubelet removes older containers; Docker keeps one container, with one log',
  },
  {
    engines: ['kubernetes'],
    what: 'a log that grew beyond the kubelet’s limit (10 MiB by default) is rotated: what was rotated away before it was read is gone',
    why: 'only a node’s operator can set `containerLogMaxSize`; the testbed’s nodes have 100 MiB',
  },
] as const satisfies readonly Difference[]
