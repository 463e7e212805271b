import { expect, test } from 'vitest'
import { isDoubtful } from './live.ts'
import { cond, deleted, job, ofJob, over, pod, running, stopped, terminated } from './observe/testing/things.ts'

const complete = job({ status: { conditions: [cond('Complete', 'True')] } })

test('what rests on an absence is doubtful: nothing at all, or a finished Job without its pod', () => {
  expect(isDoubtful(ofJob(undefined, { job: undefined }))).toBe(true)
  expect(isDoubtful(ofJob(undefined, { job: complete }))).toBe(true)
  expect(isDoubtful(ofJob(undefined))).toBe(false)
  expect(isDoubtful(ofJob(over('Succeeded', { state: terminated(0) }), { job: complete }))).toBe(false)
})

test('a pod that is taken away from a Job which wants it is doubtful: the Job may be suspended, and be seen so later', () => {
  const taken = pod({ state: running, meta: deleted(1) })
  expect(isDoubtful(ofJob(taken))).toBe(true)
  expect(isDoubtful(ofJob(taken, { job: job({ spec: { suspend: true } }) }))).toBe(false)
  expect(isDoubtful(ofJob(taken, { job: job({ meta: stopped }) }))).toBe(false)
  expect(isDoubtful(ofJob(pod({ state: running })))).toBe(false)
})
