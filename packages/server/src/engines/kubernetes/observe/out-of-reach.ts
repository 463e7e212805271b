import { ANNOTATION } from '../labels.ts'
import type { Pod } from '../objects.ts'
import { LONG_PAST_MS, nodeLost } from './pod-trouble.ts'
import { isOver } from './seen.ts'

/** We asked it to end so long ago that a node which heard of it had done so; but its node is silent. */
function isForgotten(pod: Pod, now: Date): boolean {
  const asked = pod.metadata.annotations?.[ANNOTATION.stopped]
  if (asked === undefined || !nodeLost(pod, now)) return false
  const graceMs = (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000
  return now.getTime() - Date.parse(asked) > graceMs + LONG_PAST_MS
}

/** Nothing of these will end by our asking while its node is as it is. */
export const isOutOfReach = (pods: readonly Pod[], now: Date): boolean => {
  const left = pods.filter((pod) => !isOver(pod))
  return left.length > 0 && left.every((pod) => isForgotten(pod, now))
}
