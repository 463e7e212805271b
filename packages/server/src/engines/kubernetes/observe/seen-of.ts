import { type Action, isKeyOf, ACTIONS } from 'davit/contract'
import type { WorkloadRef } from '#domain/engine.ts'
import type { Cluster } from '../cluster.ts'
import { LABEL, labelValue } from '../labels.ts'
import type { Deployment, Job, KubeObject, Pod } from '../objects.ts'
import { namesOf } from '../service-names.ts'
import type { KubeSeen } from './seen.ts'

/** Every object of ours says which action it is part of; its kind says enough where somebody took that label off. */
function actionOf(job: Job | undefined, deployment: Deployment | undefined, [pod]: readonly Pod[]): Action {
  const told = (job ?? deployment ?? pod)?.metadata.labels?.[LABEL.component] ?? ''
  if (isKeyOf(ACTIONS, told)) return told
  return job || pod?.metadata.ownerReferences?.some(({ kind }) => kind === 'Job') ? 'job' : 'deploy'
}

/** Gathers from the cache what there is of a workload; costs no call. Throws while the cache knows too little to be evidence. */
export function seenOf(
  { cache, namespaceOf }: Cluster,
  ref: WorkloadRef,
  options: { readonly nodeAddress?: string | undefined; readonly now: Date },
): KubeSeen {
  cache.assertFresh()
  const namespace = namespaceOf(ref.project)
  const { jobs, deployments, replicaSets, pods, services, claims } = cache.kept
  const run = labelValue(ref.runId)
  const mine = ({ metadata }: KubeObject) => metadata.namespace === namespace && metadata.labels?.[LABEL.workload] === labelValue(ref.name)
  const job = jobs.get(namespace, ref.name)
  const found = deployments.get(namespace, ref.name)
  // One that is going keeps no pods any more; those it leaves stand for themselves.
  const deployment = found?.metadata.deletionTimestamp === undefined ? found : undefined
  const own = pods.of(run).filter(mine)
  const answering = services.of(run).filter(mine)
  return {
    ref,
    action: actionOf(job, deployment, own),
    job,
    deployment,
    replicaSets: replicaSets.of(run).filter(mine),
    pods: own,
    services: answering,
    claims: claims.of(run),
    names: deployment ? namesOf(cache.kept, deployment, answering) : { missing: [], lost: [] },
    eventsOf: (object) => cache.eventsOf(object),
    ...options,
  }
}
