export type { OwnCluster, TestCluster } from './cluster.ts'
export type { Component, ComponentState } from './component.ts'
export type { ComponentName } from './component-commands.ts'
export { STORAGE_CLASS } from './first-objects.ts'
export { RUNS_FOR } from './kwok-stages.ts'
export { LOCKED_REGISTRY, REGISTRY, REGISTRY_LOGIN } from './node-files.ts'
export {
  attachCluster,
  closeCluster,
  clusterAround,
  isOwn,
  openCluster,
  type OpenOptions,
  reuseOrOpenCluster,
  SHARED_CLUSTER,
  sweepAbandoned,
} from './open-cluster.ts'
export type { TokenRequest, UserRequest } from './users.ts'
export { serverCertificate } from './fake-kubelet-certificate.ts'
