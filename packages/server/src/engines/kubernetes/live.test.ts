import { expect, test } from 'vitest'
import { isDoubtful } from './live.ts'
import { cond, deleted, job, ofDeployment, ofJob, over, pod, running, stopped, terminated } from './observe/testing/things.ts'

const complete = job({ status: { conditions: [cond('Complete', 'True')] } })

test('what rests on an absence is doubtful: nothing at all, or a finished Job without its pod', () => {
  expect(isDoubtful(ofJob(undefined, { job: undefined }))).toBe(true)
  expect(isDoubtful(ofJob(undefined, { job: complete }))).toBe(true)
  expect(isDoubtful(ofJob(undefined))).toBe(false)
  expect(isDoubtful(ofJob(over('Succeeded', { state: terminated(0) }), { job: complete }))).toBe(false)
})

test('pods without their Deployment are doubtful: its watch may be behind theirs, unless we took it away ourselves', () => {
  const alone = { deployment: undefined }
  expect(isDoubtful(ofDeployment([pod({ state: running })], alone))).toBe(true)
  expect(isDoubtful(ofDeployment([pod({ state: running, meta: stopped })], alone))).toBe(false)
  expect(isDoubtful(ofDeployment([pod({ state: running })]))).toBe(false)
})

test('a pod that is taken away from a Job which wants it is doubtful: the Job may be suspended, and be seen so later', () => {
  const taken = pod({ state: running, meta: deleted(1) })
  expect(isDoubtful(ofJob(taken))).toBe(true)
  expect(isDoubtful(ofJob(taken, { job: job({ spec: { suspend: true } }) }))).toBe(false)
  expect(isDoubtful(ofJob(taken, { job: job({ meta: stopped }) }))).toBe(false)
  expect(isDoubtful(ofJob(pod({ state: running })))).toBe(false)
})
