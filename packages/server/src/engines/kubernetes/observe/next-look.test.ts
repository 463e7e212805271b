import { expect, test } from 'vitest'
import { observation } from './observation.ts'
import type { KubeSeen } from './seen.ts'
import { ago, deleted, NAME, ofDeployment, ofJob, ofService, pod, running, unscheduled, waiting } from './testing/things.ts'

const lookIn = (seen: KubeSeen): number | undefined => {
  const seenNow = observation(seen)
  return seenNow.phase === 'absent' ? undefined : seenNow.lookInMs
}
const notReady = (seconds: number) => ({
  phase: 'Running' as const,
  conditions: [{ type: 'Ready', status: 'False' as const, lastTransitionTime: ago(seconds) }],
})

test('what only an event of the cluster can change is left alone for minutes', () => {
  expect(lookIn(ofJob(pod({ state: running })))).toBe(300_000)
  expect(lookIn(ofJob(unscheduled('0/1 nodes are available: 1 Insufficient cpu.')))).toBe(300_000)
})

test('what time alone will change is looked at when it does', () => {
  const failing = { conditions: [{ type: 'PodScheduled', status: 'True' as const, lastTransitionTime: ago(4) }] }
  expect(lookIn(ofJob(pod({ state: waiting('ErrImagePull', 'dial tcp: i/o timeout'), status: failing })))).toBe(6100)
  expect(lookIn(ofService([pod({ state: { running: { startedAt: ago(5) } }, status: notReady(40) })]))).toBe(10_100)
  expect(lookIn(ofDeployment([pod({ state: running }), pod({ name: `${NAME}-b`, state: running, status: notReady(10) })]))).toBe(20_100)
  expect(lookIn(ofJob(pod({ state: running, meta: deleted(-20) })))).toBe(80_100)
})
