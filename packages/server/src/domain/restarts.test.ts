import { expect, test } from 'vitest'
import { judge } from './judge.ts'
import type { ContainerObservation } from './observation.ts'
import { countRestarts, STAYED_UP_MS } from './restarts.ts'
import { statusOf } from './status.ts'
import { ago, container, NOW, seen, workload } from './testing/samples.ts'

const deploy = workload({ action: 'deploy' })
const MONTH = 30 * 86_400_000

/** What is known in the end, when these were seen one after the other: each look knows what the one before wrote down. */
const known = (looks: readonly Partial<ContainerObservation>[], began = ago(60_000)) => {
  let before: ReturnType<typeof statusOf>['containers']
  let sight = seen([])
  for (const look of looks) {
    sight = countRestarts(seen([container({ ready: false, ...look })]), { before, began: new Date(began), now: NOW })
    before = statusOf('RUNNING', sight, { workload: deploy, verdict: undefined, notes: undefined }).containers
  }
  return { inARow: sight.containers[0]?.quickRestarts, isHopeless: judge(sight, deploy, NOW).fatal }
}
const crashed = (restarts: number, ranMs = 1000) =>
  ({ restarts, state: 'waiting', startedAt: ago(2000 + ranMs), lastExit: { exitCode: 1, oomKilled: false, ranMs } }) as const

test('restarts after short lives count, whether each was seen or not', () => {
  expect(known([crashed(0), crashed(1), crashed(2)])).toEqual({ inARow: 2, isHopeless: false })
  expect(known([crashed(1), crashed(3), crashed(5)])).toEqual({ inARow: 5, isHopeless: true })
  expect(known([crashed(5)])).toEqual({ inARow: 5, isHopeless: true })
})

test('the fifth restart in months is no loop, though the container is not ready yet or has just ended', () => {
  const well = { restarts: 4, startedAt: ago(MONTH), ready: true }
  expect(known([well, { restarts: 5, startedAt: ago(2000) }])).toEqual({ inARow: 0, isHopeless: false })
  expect(known([well, crashed(5, MONTH)])).toEqual({ inARow: 0, isHopeless: false })
})

test('a container that stayed up begins anew, also when nobody saw that it did', () => {
  const four = { ...crashed(4), startedAt: ago(MONTH) }
  expect(known([crashed(4), { restarts: 4, startedAt: ago(STAYED_UP_MS) }, crashed(5)])).toEqual({ inARow: 1, isHopeless: false })
  expect(known([four, crashed(5)], ago(2 * MONTH))).toEqual({ inARow: 0, isHopeless: false })
  expect(known([crashed(5)], ago(MONTH))).toEqual({ inARow: 0, isHopeless: false })
})

test('a container that runs after five restarts is given the chance to stay, and is hopeless when it ends again', () => {
  expect(known([crashed(4), { restarts: 5, startedAt: ago(1000) }])).toEqual({ inARow: 5, isHopeless: false })
  expect(known([crashed(4), { restarts: 5, startedAt: ago(1000) }, crashed(5)])).toEqual({ inARow: 5, isHopeless: true })
})

test('a container that somebody made anew under its name begins at none', () => {
  expect(known([crashed(4), { restarts: 0, startedAt: ago(1000) }])).toEqual({ inARow: 0, isHopeless: false })
})
