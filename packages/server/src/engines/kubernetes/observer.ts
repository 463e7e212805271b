import type { Engine, WorkloadRef } from '#domain/engine.ts'
import type { Observation } from '#domain/observation.ts'
import type { Cluster } from './cluster.ts'
import { isDoubtful, lookNow, unreadOf } from './live.ts'
import { observation } from './observe/observation.ts'
import { onOurClock } from './observe/our-clock.ts'
import type { KubeSeen } from './observe/seen.ts'
import { seenOf } from './observe/seen-of.ts'

export interface ObserverDeps {
  readonly cluster: Cluster
  /** The address of a node for callers from outside, where one is configured. */
  readonly nodeAddress: string | undefined
  readonly now: () => Date
}

export type Observer = Required<Pick<Engine, 'observe' | 'glance'>>

/** Looks at a workload: in the cache, at no cost, unless the sight rests on what is missing there. Times are of our clock. */
export const observer = ({ cluster, nodeAddress, now }: ObserverDeps): Observer => {
  const look = (ref: WorkloadRef): KubeSeen => seenOf(cluster, ref, { nodeAddress, now: new Date(now().getTime() + cluster.client.aheadMs()) })
  const told = (seen: KubeSeen): Observation => onOurClock(observation(seen), cluster.client.aheadMs())
  return {
    async observe(ref) {
      const seen = look(ref)
      if (!isDoubtful(seen)) return told(seen)
      await lookNow(cluster, seen)
      return told(look(ref))
    },
    glance(ref) {
      if (unreadOf(cluster) !== undefined) return undefined
      const seen = look(ref)
      return isDoubtful(seen) ? undefined : told(seen)
    },
  }
}
