import type { Observation } from '#domain/observation.ts'

/** A sight of a cluster whose clock is `aheadMs` ahead of ours, told in our time: everybody else compares it with that. */
export function onOurClock(seen: Observation, aheadMs: number): Observation {
  if (aheadMs === 0 || seen.phase === 'absent') return seen
  const ours = (time: string | undefined): string | undefined => time && new Date(Date.parse(time) - aheadMs).toISOString()
  return {
    ...seen,
    containers: seen.containers.map((one) => ({ ...one, startedAt: ours(one.startedAt), endedAt: ours(one.endedAt) })),
    trouble: seen.trouble && { ...seen.trouble, since: ours(seen.trouble.since) },
  }
}
