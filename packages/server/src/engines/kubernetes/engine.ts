import { DavitError } from 'davit/contract'
import type { Engine, EngineCapabilities, EngineHealth, WorkloadRef } from '#domain/engine.ts'
import { mailbox, oneAtATime } from '../mailbox.ts'
import { check } from './check/check.ts'
import { clusterSet } from './cluster-set.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import type { Kept } from './cluster.ts'
import { refOfObject } from './labels.ts'
import { unreadOf } from './live.ts'
import { member, type Member, type MemberOptions } from './member.ts'
import type { KubeObject } from './objects.ts'

export interface KubernetesEngineOptions extends MemberOptions {
  /** By name; the first is the one for runs that name none. */
  readonly clusters: Readonly<Record<string, ClusterSettings>>
}

const CAN: EngineCapabilities = {
  nodeSelector: true,
  affinity: true,
  tolerations: true,
  runtimeClass: true,
  priorityClass: true,
  fsGroup: true,
  gpu: true,
  volumeSize: true,
  annotations: true,
  pullSecrets: true,
  serviceAccount: true,
  podSecurity: true,
  clusters: true,
  deadline: true,
}

/** Every cluster tells a change at once, and a whole relist after each gap: looking without a hint is only a backstop. */
const LOOK_MS = 600_000

const refsIn = (kinds: readonly Pick<Kept<KubeObject>, 'all'>[], cluster: string | undefined): readonly WorkloadRef[] =>
  kinds.flatMap((kept) => [...kept.all()]).flatMap(({ metadata }) => refOfObject(metadata.annotations, cluster) ?? [])

/** Every workload of ours that a cluster still has something of. */
function workloadsOf({ cluster }: Member, name: string | undefined): readonly WorkloadRef[] {
  const { jobs, deployments, replicaSets, pods, services } = cluster.cache.kept
  return [...new Map(refsIn([jobs, deployments, replicaSets, pods, services], name).map((ref) => [ref.name, ref])).values()]
}

/** The same, and what runs keep beyond their attempts. */
const everythingOf = (one: Member, name: string | undefined): readonly WorkloadRef[] => [
  ...workloadsOf(one, name),
  ...refsIn([one.cluster.cache.kept.claims], name),
]

const noAnswer = (error: unknown): EngineHealth => ({ healthy: false, version: undefined, detail: error instanceof Error ? error.message : String(error) })

/** Of all clusters together: well when every one is. What is wrong with one hides nothing of the others. */
async function healthOf({ names, get }: { readonly names: readonly string[]; get(name: string): Promise<Member> }): Promise<EngineHealth> {
  const healthIn = async (name: string): Promise<EngineHealth> => (await get(name)).verbs.health()
  const states = await Promise.all(names.map(async (name) => ({ name, ...(await healthIn(name).catch(noAnswer)) })))
  return {
    healthy: states.every(({ healthy }) => healthy),
    version: states.map(({ version }) => version).find((version) => version !== undefined),
    detail: states.map(({ name, detail }) => (names.length > 1 ? `cluster ${name}: ${detail}` : detail)).join('; '),
  }
}

/** Kubernetes (≥ 1.30), one cluster or several. Connects when it is first asked something. */
export function kubernetesEngine({ clusters, ...options }: KubernetesEngineOptions): Engine {
  const closed = new AbortController()
  const exclusive = oneAtATime()
  const set = clusterSet<Member>(Object.keys(clusters), (name) => member({ ...options, name, settings: clusters[name] ?? {}, signal: closed.signal }))
  const on = async ({ cluster }: Pick<WorkloadRef, 'cluster'>): Promise<Member> => set.get(cluster)
  return {
    name: 'kubernetes',
    can: CAN,
    replaces: true,
    holdsProjects: Object.values(clusters).some(({ namespacePerProject }) => namespacePerProject),
    lookMs: LOOK_MS,
    check,
    async apply(workload, secrets, signal) {
      if (!set.has(workload.cluster)) return { refused: { code: 'cluster-unknown', evidence: [`${workload.cluster} is not one of ${set.names.join(', ')}`] } }
      const { verbs } = await on(workload)
      return exclusive(workload.name, () => verbs.apply(workload, secrets, signal))
    },
    observe: async (ref) => (set.has(ref.cluster) ? (await on(ref)).verbs.observe(ref) : { phase: 'absent' }),
    glance: (ref) => set.known(ref.cluster)?.verbs.glance(ref),
    stop: async (ref, graceSeconds) => {
      if (!set.has(ref.cluster)) return
      const { verbs } = await on(ref)
      return exclusive(ref.name, () => verbs.stop(ref, graceSeconds))
    },
    remove: async (ref, removal) => {
      if (!set.has(ref.cluster)) return
      const { verbs } = await on(ref)
      return exclusive(ref.name, () => verbs.remove(ref, removal))
    },
    async *logs(ref, container, how) {
      if (set.has(ref.cluster)) yield* (await on(ref)).verbs.logs(ref, container, how)
    },
    // What a cluster that does not answer may have is not known; the others are swept meanwhile.
    async list() {
      const asked = await Promise.allSettled(set.names.map((name) => set.get(name)))
      const fresh = asked.flatMap((answer) => (answer.status === 'fulfilled' && unreadOf(answer.value.cluster) === undefined ? [answer.value] : []))
      const [failed] = asked.filter(({ status }) => status === 'rejected')
      if (fresh.length === 0) throw failed?.status === 'rejected' ? failed.reason : new DavitError('unavailable', 'no cluster has been read yet')
      return fresh.flatMap((one) => everythingOf(one, one.cluster.name === set.names[0] ? undefined : one.cluster.name))
    },
    tidy: async () => undefined,
    async *hints(signal) {
      const box = mailbox<string>()
      const until = AbortSignal.any([signal, closed.signal])
      set.each(until, (one) => {
        for (const { runId } of workloadsOf(one, undefined)) box.put(runId)
        return one.cluster.cache.onChange(box.put)
      })
      yield* box.take(until)
    },
    health: () => healthOf(set),
    async close() {
      closed.abort()
      await set.close()
    },
  }
}
