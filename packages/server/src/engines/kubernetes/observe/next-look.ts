import { LISTEN_GRACE_MS } from '#domain/judge.ts'
import type { ContainerObservation, PresentObservation } from '#domain/observation.ts'
import { limitOf } from '#domain/patience.ts'
import type { Pod } from '../objects.ts'
import { LONG_PAST_MS } from './pod-trouble.ts'
import { condition } from './seen.ts'
import { READY_GRACE_MS } from './workload-trouble.ts'

/** Every change of what is watched comes with a hint; this is for the case that one was lost. */
const QUIET_MS = 300_000
/** Nobody tells when what keeps a missing part from being made again is over. */
const INCOMPLETE_MS = 30_000
/** A moment later than the moment itself. */
const MARGIN_MS = 100

const after = (time: string | undefined, ms: number): number => (time === undefined ? Number.NaN : Date.parse(time) + ms)

const deafUntil = ({ ports }: Pick<PresentObservation, 'ports'>, containers: readonly ContainerObservation[]): readonly number[] =>
  ports.some(({ listening }) => listening === false)
    ? containers.filter(({ state }) => state === 'running').map(({ startedAt }) => after(startedAt, LISTEN_GRACE_MS))
    : []

/** When time alone will change what is to be said of this sight, in ms from now. */
export function nextLook(seen: Pick<PresentObservation, 'ports' | 'containers' | 'trouble' | 'incomplete'>, pods: readonly Pod[], now: Date): number {
  const { trouble, containers } = seen
  // Beside others that are ready: see `partly-available`.
  const some = containers.some(({ ready }) => ready)
  const notReady = some ? pods.map(({ status }) => condition(status?.conditions, 'Ready')).filter((ready) => ready?.status === 'False') : []
  const moments = [
    ...(trouble ? [after(trouble.since, limitOf(trouble.code))] : []),
    ...deafUntil(seen, containers),
    ...notReady.map((ready) => after(ready?.lastTransitionTime, READY_GRACE_MS)),
    ...pods.map(({ metadata }) => after(metadata.deletionTimestamp, LONG_PAST_MS)),
  ]
  const left = moments.map((moment) => moment - now.getTime() + MARGIN_MS).filter((ms) => ms > 0)
  return Math.min(seen.incomplete ? INCOMPLETE_MS : QUIET_MS, ...left)
}
