import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canAct, canMove, FINAL_STATES, isFinal, RUN_ACTIONS, RUN_NEXT, RUN_STATES, type RunAction, type RunState } from './run-state.ts'

const reachableFrom = (state: RunState): ReadonlySet<RunState> => {
  const seen = new Set<RunState>([state])
  for (const one of seen) for (const next of RUN_NEXT[one]) seen.add(next)
  return seen
}
const actions = Object.keys(RUN_ACTIONS) as readonly RunAction[]

describe('run lifecycle', () => {
  test.each(RUN_STATES)('from %s a final state can be reached', (state) => {
    expect([...reachableFrom(state)].some(isFinal)).toBe(true)
  })

  test('every state can be reached from CREATED', () => {
    expect([...reachableFrom('CREATED')].toSorted()).toEqual(RUN_STATES.toSorted())
  })

  test('nothing that has ended by itself runs again: it can only be deleted', () => {
    for (const state of FINAL_STATES.filter((one) => one !== 'STOPPED'))
      expect([...reachableFrom(state)].filter((one) => one !== state && one !== 'DELETING' && one !== 'DELETED')).toEqual([])
  })

  test('every path on which nothing is resumed ends: no state is met twice', () => {
    const path = fc.infiniteStream(fc.nat()).map((choices) => {
      const states: RunState[] = ['CREATED']
      for (const choice of choices) {
        const last = states.at(-1) ?? 'CREATED'
        const next = RUN_NEXT[last].filter((one) => last !== 'STOPPED' || one !== 'READY')
        const chosen = next[choice % next.length]
        if (chosen === undefined || states.length > RUN_STATES.length) return states
        states.push(chosen)
      }
      return states
    })
    fc.assert(fc.property(path, (states) => new Set(states).size === states.length && states.at(-1) === 'DELETED'))
  })

  test('an action is allowed exactly where it leads on, or is under way already', () => {
    for (const action of actions.filter((one) => one !== 'resume'))
      for (const state of RUN_STATES)
        expect(canAct(action, state), `${action} in ${state}`).toBe(state === RUN_ACTIONS[action].to || canMove(state, RUN_ACTIONS[action].to))
  })

  test('only what was stopped can be resumed; asking again changes nothing', () => {
    expect(RUN_STATES.filter((state) => canAct('resume', state))).toEqual(['READY', 'STOPPED'])
  })

  test('whatever is active can be stopped', () => {
    expect(RUN_STATES.filter((state) => canAct('stop', state))).toEqual(['CREATED', 'BUILT', 'READY', 'PENDING', 'RUNNING', 'STOP'])
  })
})
