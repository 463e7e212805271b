import type { ClusterCache } from './cluster.ts'
import { LABEL } from './labels.ts'
import { ALIAS_OF } from './manifests/services.ts'
import type { Deployment, KubeObject } from './objects.ts'
import { belongingsOf } from './observe/applied.ts'
import { isDeleted, isStopped } from './observe/seen.ts'

type Cached = Pick<ClusterCache['kept'], 'deployments' | 'services'>

/** How it stands with the names under which a workload wants to answer. */
export interface NamesSeen {
  /** There is no Service of that name, and this workload may have it. */
  readonly missing: readonly string[]
  /** Lead to a newer run, or are due to it. */
  readonly lost: readonly string[]
}

const isNewer = ({ metadata: a }: KubeObject, { metadata: b }: KubeObject): boolean =>
  (a.creationTimestamp ?? '') === (b.creationTimestamp ?? '') ? a.name > b.name : (a.creationTimestamp ?? '') > (b.creationTimestamp ?? '')

interface Name {
  readonly namespace: string | undefined
  readonly name: string
  /** As a label has it. */
  readonly project: string | undefined
}

/** The living workload that a name is due to: the newest of its project that asked for it. */
export function claimantOf({ deployments }: Pick<Cached, 'deployments'>, { namespace, name, project }: Name): Deployment | undefined {
  let newest: Deployment | undefined
  for (const one of deployments.all()) {
    const { metadata } = one
    if (metadata.namespace !== namespace || metadata.labels?.[LABEL.project] !== project || isDeleted(one) || isStopped(one)) continue
    if ((newest === undefined || isNewer(one, newest)) && belongingsOf(one).services.includes(name)) newest = one
  }
  return newest
}

/** How the names of a workload stand. It costs something only where a name is not the workload's own. */
export function namesOf(cached: Cached, deployment: Deployment, own: readonly KubeObject[]): NamesSeen {
  const { namespace, labels, name: me } = deployment.metadata
  const held = new Set(own.map(({ metadata }) => metadata.name))
  const lost = (name: string): boolean =>
    cached.services.get(namespace ?? '', name) !== undefined ||
    (claimantOf(cached, { namespace, name, project: labels?.[LABEL.project] }) ?? deployment).metadata.name !== me
  const away = belongingsOf(deployment).services.filter((name) => !held.has(name))
  return { missing: away.filter((name) => !lost(name)), lost: away.filter(lost) }
}

/** Who may have the name of a Service that is gone. Undefined: nobody, or it was a run's own. */
export function heirOf(cached: Cached, { kind, metadata: { namespace = '', name, annotations, labels } }: KubeObject): Deployment | undefined {
  if (kind !== 'Service' || annotations?.[ALIAS_OF] === undefined || cached.services.get(namespace, name)) return undefined
  return claimantOf(cached, { namespace, name, project: labels?.[LABEL.project] })
}
