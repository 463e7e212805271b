import type { ContainerStatus } from 'davit/contract'
import type { ContainerObservation, PresentObservation } from './observation.ts'

/** Who stayed up for so long was well: the restarts before that are no part of a loop. */
export const STAYED_UP_MS = 300_000
/** Longer than a short life and the longest pause of an engine after it: between two starts so far apart it was well. */
const APART_MS = 2 * STAYED_UP_MS

/** What is known of a container from the look before. */
type Known = Pick<ContainerStatus, 'restarts' | 'quick_restarts' | 'started'>

const between = (from: string | undefined, to: string | undefined): number => (from && to ? Date.parse(to) - Date.parse(from) : 0)

function inARow({ state, restarts, startedAt, lastExit }: ContainerObservation, known: Known, now: Date): number {
  if (state === 'running' && between(startedAt, now.toISOString()) >= STAYED_UP_MS) return 0
  const counted = known.quick_restarts ?? 0
  const more = restarts - known.restarts
  if (more <= 0) return Math.min(counted, restarts)
  const wasWell = (lastExit?.ranMs ?? 0) >= STAYED_UP_MS || between(known.started, startedAt) >= APART_MS
  return wasWell ? 0 : counted + more
}

/**
 * A sight in which each container knows how often in a row it was started again after a short life: an engine counts the restarts of
 * a whole life only. What the look before knew is in the run's status; `began` is when the attempt did, for who is seen for the first time.
 */
export const countRestarts = (
  seen: PresentObservation,
  { before = [], began, now }: { readonly before?: readonly ContainerStatus[] | undefined; readonly began: Date; readonly now: Date },
): PresentObservation => ({
  ...seen,
  containers: seen.containers.map((container) => {
    const known = before.find(({ name }) => name === container.name) ?? { restarts: 0, started: began.toISOString() }
    return { ...container, quickRestarts: inARow(container, known, now) }
  }),
})
