import type { Verdict } from 'davit/contract'
import type { PresentObservation } from '#domain/observation.ts'

/** How soon to look again without a hint, in ms: at what is on its way, at what is not well. What is well is left to the engine. */
const LOOK_MS = { onItsWay: 300, unwell: 2000 } as const

/** When to look at a workload again, in ms, if no hint comes before. An engine that knows when the sight will mean something else decides. */
export function lookAgainMs(
  { lookInMs, containers }: PresentObservation,
  { state, trouble, lookMs }: { readonly state: 'PENDING' | 'RUNNING'; readonly trouble: Verdict | undefined; readonly lookMs: number },
): number {
  if (lookInMs !== undefined) return lookInMs
  if (state === 'PENDING' && !trouble) return LOOK_MS.onItsWay
  return trouble || containers.some(({ ready }) => !ready) ? LOOK_MS.unwell : lookMs
}
