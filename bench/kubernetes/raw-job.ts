import { workloadOf } from '../../packages/server/src/domain/workload-of.ts'
import { manifestsFor } from '../../packages/server/src/engines/kubernetes/manifests/manifests-for.ts'
import type { RunSpec } from 'davit/contract'

export const NAMESPACE = 'default'
export const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`
export const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`

/** The very Job that Davit makes of a run, under another name: the baseline does the same work on the cluster. */
export const rawJob = (name: string, spec: Omit<RunSpec, 'task'>): object =>
  manifestsFor(workloadOf({ id: name, project: 'raw', action: 'job', spec: { task: 'raw', ...spec } }, 1), {
    namespace: NAMESPACE,
    shared: true,
    installation: 'raw',
    secrets: {},
    defaults: {},
  }).main
