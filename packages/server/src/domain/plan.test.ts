import { ACTION_NAMES, ACTIONS, canMove, isFinal, RUN_STATES, type RunState } from 'davit/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Observation } from './observation.ts'
import { needsLook, type PlanInput, type PlannedAttempt, plan, retryDelayMs } from './plan.ts'
import { ago, container, ended, NOW, seen } from './testing/samples.ts'

const SEEN = {
  unlooked: undefined,
  absent: { phase: 'absent' },
  waiting: seen([container({ state: 'waiting', ready: false, startedAt: undefined })], { phase: 'waiting' }),
  running: seen([container()]),
  lost: seen([container()], { outOfReach: true }),
  incomplete: seen([container()], { incomplete: true }),
  'half running': seen([container(), ended(0)]),
  succeeded: seen([ended(0)]),
  failed: seen([ended(0), ended(3)]),
  'out of memory': seen([ended(0, { oomKilled: true })]),
} as const satisfies Record<string, Observation | undefined>

const attempt = (said: Partial<PlannedAttempt> = {}): PlannedAttempt => ({
  number: 1,
  applied: true,
  outcome: undefined,
  endedAt: undefined,
  removed: false,
  ...said,
})
const input = (said: Partial<PlanInput> = {}): PlanInput => ({
  state: 'RUNNING',
  action: 'job',
  retries: 0,
  attempt: attempt(),
  seen: SEEN.running,
  hopeless: false,
  now: NOW,
  ...said,
})

const attempts = fc.record({
  number: fc.integer({ min: 1, max: 4 }),
  applied: fc.boolean(),
  outcome: fc.constantFrom('succeeded' as const, 'failed' as const, 'stopped' as const, 'replaced' as const, undefined),
  endedAt: fc.option(
    fc.integer({ min: 0, max: 120_000 }).map((ms) => new Date(ago(ms))),
    { nil: undefined },
  ),
  removed: fc.boolean(),
})
const inputs = fc
  .record({
    state: fc.constantFrom(...RUN_STATES),
    action: fc.constantFrom(...ACTION_NAMES),
    retries: fc.integer({ min: 0, max: 3 }),
    attempt: fc.option(attempts, { nil: undefined }),
    seen: fc.constantFrom(...Object.values(SEEN)),
    hopeless: fc.boolean(),
    now: fc.constant(NOW),
  })
  // The ledger begins once a run is accepted, and accepting goes straight through to READY.
  .filter(({ state }) => state !== 'CREATED' && state !== 'BUILT')

describe('plan, row by row', () => {
  const rows: readonly (readonly [string, Partial<PlanInput>, object])[] = [
    ['an accepted run gets its first attempt', { state: 'READY', attempt: undefined, seen: undefined }, { do: 'begin', number: 1 }],
    ['what the engine has not confirmed is asked of it again', { state: 'READY', attempt: attempt({ applied: false }), seen: undefined }, { do: 'apply' }],
    ['a running job is shown', {}, { do: 'show' }],
    ['what a service lost is made again while it runs', { state: 'RUNNING', action: 'serve', seen: SEEN.incomplete }, { do: 'mend' }],
    ['and neither for a job nor for what is stopped', { state: 'STOP', action: 'serve', seen: SEEN.incomplete }, { do: 'stop' }],
    ['a waiting container is shown', { state: 'PENDING', seen: SEEN.waiting }, { do: 'show' }],
    ['a job whose containers all ended well is collected as a success', { seen: SEEN.succeeded }, { do: 'collect', outcome: 'succeeded' }],
    ['one bad exit code makes it a failure', { seen: SEEN.failed }, { do: 'collect', outcome: 'failed' }],
    ['killed for its memory is a failure also with exit code 0', { seen: SEEN['out of memory'] }, { do: 'collect', outcome: 'failed' }],
    ['collected and good is completed', { attempt: attempt({ outcome: 'succeeded' }), seen: undefined }, { do: 'finish', to: 'COMPLETED' }],
    ['collected and bad without retries is an error', { attempt: attempt({ outcome: 'failed' }), seen: undefined }, { do: 'finish', to: 'ERROR' }],
    ['before a retry the old containers go', { retries: 1, attempt: attempt({ outcome: 'failed' }), seen: undefined }, { do: 'remove' }],
    ['a retry waits', { retries: 1, attempt: attempt({ outcome: 'failed', removed: true, endedAt: NOW }), seen: undefined }, { do: 'wait', ms: 1000 }],
    [
      'then it begins under the next number',
      { retries: 1, attempt: attempt({ outcome: 'failed', removed: true, endedAt: new Date(ago(1000)) }), seen: undefined },
      { do: 'begin', number: 2 },
    ],
    [
      'the last allowed retry that failed is an error',
      { retries: 1, attempt: attempt({ number: 2, outcome: 'failed' }), seen: undefined },
      { do: 'finish', to: 'ERROR' },
    ],
    ['a job that somebody removed has failed', { seen: SEEN.absent }, { do: 'lost', outcome: 'failed' }],
    ['a service that somebody removed is replaced', { action: 'serve', seen: SEEN.absent }, { do: 'lost', outcome: 'replaced' }],
    ['a service that somebody stopped is replaced', { action: 'deploy', seen: SEEN.succeeded }, { do: 'lost', outcome: 'replaced' }],
    ['a hopeless service is collected while it still tries', { action: 'serve', hopeless: true }, { do: 'collect', outcome: 'failed' }],
    ['stop of a run that never began ends at once', { state: 'STOP', attempt: undefined, seen: undefined }, { do: 'finish', to: 'STOPPED' }],
    ['stop asks a running container to end', { state: 'STOP' }, { do: 'stop' }],
    ['stop removes what was never started', { state: 'STOP', seen: SEEN.waiting }, { do: 'remove' }],
    ['what stopped is collected first', { state: 'STOP', seen: SEEN.failed }, { do: 'collect', outcome: 'stopped' }],
    ['what cannot be reached to be stopped is collected as it is', { state: 'STOP', seen: SEEN.lost }, { do: 'collect', outcome: 'stopped' }],
    ['then it is stopped', { state: 'STOP', attempt: attempt({ outcome: 'stopped' }), seen: SEEN.failed }, { do: 'finish', to: 'STOPPED' }],
    ['stop of what is gone already ends too', { state: 'STOP', seen: SEEN.absent }, { do: 'finish', to: 'STOPPED' }],
    ['what ended is removed', { state: 'COMPLETED', attempt: attempt({ outcome: 'succeeded' }), seen: undefined }, { do: 'remove' }],
    [
      'what ended and is removed is settled',
      { state: 'COMPLETED', attempt: attempt({ outcome: 'succeeded', removed: true }), seen: undefined },
      { do: 'settle' },
    ],
    ['what ended before it began is settled', { state: 'STOPPED', attempt: undefined, seen: undefined }, { do: 'settle' }],
    [
      'what was stopped and is resumed begins anew',
      { state: 'READY', attempt: attempt({ outcome: 'stopped', removed: true }), seen: undefined },
      { do: 'begin', number: 2 },
    ],
    [
      'what was stopped before it began, and is resumed, begins anew',
      { state: 'READY', attempt: attempt({ applied: false, removed: true }), seen: undefined },
      { do: 'begin', number: 2 },
    ],
    ['deleting stops what runs', { state: 'DELETING' }, { do: 'stop' }],
    ['deleting forgets what ended', { state: 'DELETING', seen: SEEN.failed }, { do: 'forget' }],
    ['deleting forgets what cannot be reached', { state: 'DELETING', seen: SEEN.lost }, { do: 'forget' }],
    ['deleting forgets what is not there', { state: 'DELETING', seen: SEEN.absent }, { do: 'forget' }],
    ['deleting forgets what never began', { state: 'DELETING', attempt: undefined, seen: undefined }, { do: 'forget' }],
  ]
  test.each(rows)('%s', (_, said, step) => {
    expect(plan(input(said))).toEqual(step)
  })

  test('retries wait 1 s, then twice as long each time, a minute at most', () => {
    expect([1, 2, 3, 6, 7, 50].map(retryDelayMs)).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000])
  })
})

describe('plan, whatever it is given', () => {
  test('only moves where the lifecycle leads', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const step = plan(given)
        return step.do !== 'finish' || canMove(given.state, step.to)
      }),
      { numRuns: 3000 },
    )
  })

  test('does nothing but clean up once a run is final', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const step = plan(given).do
        return !isFinal(given.state) || step === 'remove' || step === 'settle' || (given.state === 'DELETED' && step === 'forget')
      }),
    )
  })

  test('settles a final run exactly when nothing of it is left', () => {
    fc.assert(
      fc.property(
        inputs,
        (given) => !isFinal(given.state) || given.state === 'DELETED' || (plan(given).do === 'settle') === (!given.attempt || given.attempt.removed),
      ),
    )
  })

  test('never begins a second attempt of a job without retries, unless it was stopped and resumed', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const job = {
          ...given,
          action: 'job' as const,
          retries: 0,
          attempt: given.attempt && {
            ...given.attempt,
            outcome: given.attempt.outcome === 'replaced' || given.attempt.outcome === 'stopped' ? undefined : given.attempt.outcome,
          },
        }
        const step = plan(job)
        const resumed = given.state === 'READY' && job.attempt?.removed && job.attempt.outcome === undefined
        return step.do !== 'begin' || job.attempt === undefined || resumed
      }),
      { numRuns: 2000 },
    )
  })

  test('begins only the number after the newest', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const step = plan(given)
        return step.do !== 'begin' || step.number === (given.attempt?.number ?? 0) + 1
      }),
    )
  })

  test('never removes or finishes an ended job that was not collected, unless it is being deleted', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const uncollected = given.attempt?.applied && given.attempt.outcome === undefined && given.seen?.phase === 'ended'
        // What was removed is never looked at (`needsLook`): then nothing can be seen of it.
        if (!uncollected || given.attempt?.removed || isFinal(given.state) || given.state === 'DELETING' || ACTIONS[given.action].longRunning) return true
        return plan(given).do === 'collect'
      }),
    )
  })

  test('looks at the engine only when it holds something that may have changed', () => {
    expect(needsLook({ state: 'READY', attempt: undefined })).toBe(false)
    expect(needsLook({ state: 'RUNNING', attempt: attempt() })).toBe(true)
    expect(needsLook({ state: 'RUNNING', attempt: attempt({ outcome: 'failed' }) })).toBe(false)
    expect(needsLook({ state: 'STOP', attempt: attempt({ applied: false }) })).toBe(true)
    expect(needsLook({ state: 'DELETING', attempt: attempt({ removed: true }) })).toBe(false)
    expect(needsLook({ state: 'COMPLETED', attempt: attempt() })).toBe(false)
  })
})

interface World {
  state: RunState
  attempt: PlannedAttempt | undefined
  now: Date
  readonly begun: number[]
  readonly collected: Set<number>
  over: boolean
}

/** Does to a pretended ledger what the reconciler does to the real one. */
function take(world: World, step: ReturnType<typeof plan>, look: Observation | undefined): void {
  const change = (said: Partial<PlannedAttempt>): void => {
    if (world.attempt) world.attempt = { ...world.attempt, ...said }
  }
  if (step.do === 'begin') {
    expect(world.begun).not.toContain(step.number)
    world.begun.push(step.number)
    world.attempt = attempt({ number: step.number, applied: false })
  } else if (step.do === 'apply') {
    change({ applied: true })
    if (world.state === 'READY') world.state = 'PENDING'
  } else if (step.do === 'show' && look?.phase === 'running' && world.state === 'PENDING') world.state = 'RUNNING'
  else if (step.do === 'collect') {
    expect(world.collected).not.toContain(world.attempt?.number)
    world.collected.add(world.attempt?.number ?? 0)
    change({ outcome: step.outcome, endedAt: world.now })
  } else if (step.do === 'lost') change({ outcome: step.outcome, endedAt: world.now, removed: look?.phase === 'absent' })
  else if (step.do === 'finish') {
    expect(canMove(world.state, step.to)).toBe(true)
    world.state = step.to
  } else if (step.do === 'remove') change({ removed: true })
  else if (step.do === 'settle' || step.do === 'forget') world.over = true
  else if (step.do === 'wait') world.now = new Date(world.now.getTime() + step.ms)
}

describe('runs simulated to their end', () => {
  const looks = fc.array(fc.constantFrom(SEEN.absent, SEEN.waiting, SEEN.running, SEEN['half running'], SEEN.succeeded, SEEN.failed, SEEN['out of memory']), {
    maxLength: 40,
  })
  const wishes = fc.option(fc.record({ at: fc.nat(40), to: fc.constantFrom('STOP' as const, 'DELETING' as const) }), { nil: undefined })

  test('come to rest whatever is seen in whatever order, and never begin a number twice', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ACTION_NAMES), fc.integer({ min: 0, max: 3 }), looks, wishes, (action, retries, observations, wish) => {
        const world: World = { state: 'READY', attempt: undefined, now: NOW, begun: [], collected: new Set(), over: false }
        const left = [...observations]
        for (let taken = 0; !world.over; taken++) {
          expect(taken, 'steps').toBeLessThan(400)
          if (wish && taken === wish.at && canMove(world.state, wish.to)) world.state = wish.to
          // What was seen is used up: from here on everything ends, and what would run for ever is stopped.
          if (left.length === 0 && ACTIONS[action].longRunning && canMove(world.state, 'STOP')) world.state = 'STOP'
          const look = needsLook(world) ? (left.shift() ?? SEEN.succeeded) : undefined
          take(world, plan({ ...world, action, retries, seen: look, hopeless: false }), look)
        }
        expect(isFinal(world.state) || world.state === 'DELETING').toBe(true)
        if (!ACTIONS[action].longRunning) expect(world.begun.length).toBeLessThanOrEqual(retries + 1)
        if (world.state === 'COMPLETED') expect(world.attempt).toMatchObject({ outcome: 'succeeded', removed: true })
      }),
      { numRuns: 1000 },
    )
  })
})
