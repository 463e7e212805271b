import { describe, expect, test } from 'vitest'
import type { PresentObservation } from '#domain/observation.ts'
import { ANNOTATION } from '../labels.ts'
import { observation } from './observation.ts'
import type { KubeSeen } from './seen.ts'
import {
  ago,
  cond,
  deleted,
  deployment,
  job,
  NAME,
  ofDeployment,
  ofJob,
  over,
  pod,
  running,
  stopped,
  terminated,
  unscheduled,
  waiting,
} from './testing/things.ts'

const observe = (seen: KubeSeen): PresentObservation => {
  const seenNow = observation(seen)
  if (seenNow.phase === 'absent') throw new Error('nothing was observed')
  return seenNow
}
const named = (letter: string, seconds: number) => ({ name: `${NAME}-${letter}`, meta: { creationTimestamp: ago(seconds) } })

describe('an observation', () => {
  test('is absent only when there is neither a main object nor a pod', () => {
    expect(observation(ofJob(undefined, { job: undefined }))).toEqual({ phase: 'absent' })
    expect(observe(ofJob(undefined)).phase).toBe('waiting')
    expect(observe(ofJob(pod({ state: running }), { job: undefined })).phase).toBe('running')
  })

  test('of a job that somebody suspended waits, however the pod ends that is taken away for it', () => {
    const suspended = { job: job({ spec: { suspend: true } }) }
    const taken = over('Failed', { meta: deleted(1), state: terminated(143) })
    expect(observe(ofJob(taken, suspended))).toMatchObject({ phase: 'waiting', containers: [], trouble: { code: 'suspended' } })
    expect(observe(ofJob(over('Succeeded', { meta: deleted(1), state: terminated(0) }), suspended))).toMatchObject({
      phase: 'ended',
      containers: [{ exitCode: 0 }],
    })
  })

  test('of a job that runs', () => {
    expect(observe(ofJob(pod({ state: running })))).toMatchObject({
      phase: 'running',
      uid: `uid-${NAME}`,
      namespace: 'p',
      trouble: undefined,
      waitsFor: undefined,
      edits: undefined,
      containers: [
        {
          name: `${NAME}-a`,
          replica: 0,
          state: 'running',
          ready: true,
          restarts: 0,
          exitCode: undefined,
          oomKilled: false,
          error: undefined,
          lastExit: undefined,
          startedAt: ago(20),
          endedAt: undefined,
        },
      ],
    })
  })

  test('of a job that ended has its exit code and its own times', () => {
    const { phase, containers } = observe(ofJob(over('Failed', { state: terminated(3) })))
    expect(phase).toBe('ended')
    expect(containers).toMatchObject([{ state: 'ended', ready: false, exitCode: 3, oomKilled: false, startedAt: ago(20), endedAt: ago(5) }])
  })

  test('of a job that was killed for its memory says so, whatever else killed means', () => {
    expect(observe(ofJob(over('Failed', { state: terminated(137, 'OOMKilled') }))).containers[0]).toMatchObject({ exitCode: 137, oomKilled: true })
    expect(observe(ofJob(over('Failed', { state: terminated(137) }))).containers[0]?.oomKilled).toBe(false)
  })

  test('of a container that never began has no time at which it did', () => {
    const state = { terminated: { exitCode: 128, reason: 'StartError', message: 'exec: "x"', startedAt: '1970-01-01T00:00:00Z', finishedAt: ago(5) } }
    expect(observe(ofJob(over('Failed', { state }))).containers[0]).toMatchObject({ startedAt: undefined, exitCode: 128, error: 'exec: "x"' })
  })

  test('takes the one pod of a job that decides: the one that succeeded, else the newest', () => {
    const [first, second] = [over('Failed', { ...named('a', 50), state: terminated(1) }), over('Succeeded', { ...named('b', 40), state: terminated(0) })]
    expect(observe(ofJob(first, { pods: [second, first] })).containers.map(({ exitCode }) => exitCode)).toEqual([0])
    expect(observe(ofJob(first, { pods: [pod({ ...named('c', 10), state: running }), first] })).containers.map(({ name }) => name)).toEqual([`${NAME}-c`])
  })

  test('takes our container where the cluster has put others beside it', () => {
    const [ours] = pod({ state: terminated(0) }).status?.containerStatuses ?? []
    const beside = { name: 'istio-proxy', ready: false, restartCount: 4, state: terminated(1) }
    const both = over('Succeeded', { status: { containerStatuses: ours ? [beside, ours] : [] } })
    expect(observe(ofJob(both)).containers).toMatchObject([{ exitCode: 0, restarts: 0 }])
  })
})

describe('a job whose pod was taken away', () => {
  test('before it was looked at still succeeded, and says that its log is lost', () => {
    const done = job({ status: { active: 0, succeeded: 1, startTime: ago(60), completionTime: ago(30), conditions: [cond('Complete', 'True')] } })
    const seen = observe(ofJob(undefined, { job: done }))
    expect(seen).toMatchObject({ phase: 'ended', containers: [{ state: 'ended', exitCode: 0, startedAt: ago(60), endedAt: ago(30) }], trouble: undefined })
    expect(seen.edits).toEqual([`the pod of ${NAME} was removed before its log was stored`])
  })

  test('and failed has no exit code, and says what the Job says', () => {
    const failed = job({ status: { failed: 1, conditions: [cond('Failed', 'True', 'BackoffLimitExceeded', 'the limit')] } })
    const seen = observe(ofJob(undefined, { job: failed }))
    expect(seen.containers).toMatchObject([{ state: 'ended', exitCode: undefined, startedAt: undefined }])
    expect(seen.trouble).toMatchObject({ code: 'workload-removed', evidence: [expect.stringContaining('BackoffLimitExceeded: the limit')], since: ago(40) })
  })

  test('while it runs is told at once, while its log can still be read', () => {
    expect(observe(ofJob(pod({ state: running, meta: deleted() })))).toMatchObject({ phase: 'running', trouble: { code: 'workload-removed' } })
  })

  test('by a drain names who took it', () => {
    const evicted = pod({
      state: running,
      meta: deleted(),
      status: { phase: 'Running', conditions: [cond('DisruptionTarget', 'True', 'EvictionByEvictionAPI', 'Eviction API: evicting')] },
    })
    expect(observe(ofJob(evicted)).trouble).toMatchObject({ code: 'evicted', evidence: ['EvictionByEvictionAPI: Eviction API: evicting'] })
  })

  test('while its container has ended already waits for its end', () => {
    expect(observe(ofJob(pod({ state: terminated(0), meta: deleted(), status: { phase: 'Running' } })))).toMatchObject({ phase: 'running', trouble: undefined })
  })
})

describe('what we asked to end', () => {
  const timeIsUp = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' }

  test('a job ends with its real exit code, and without a deadline being to blame', () => {
    const ended = over('Failed', { state: terminated(143), meta: stopped, status: timeIsUp })
    expect(observe(ofJob(ended, { job: job({ meta: stopped }) }))).toMatchObject({ phase: 'ended', trouble: undefined, containers: [{ exitCode: 143 }] })
  })

  test('a job that never got a pod has ended', () => {
    expect(observe(ofJob(undefined, { job: job({ meta: stopped, spec: { suspend: true } }) }))).toMatchObject({
      phase: 'ended',
      containers: [],
      trouble: undefined,
    })
  })

  test('a deployment goes on until the last of its pods is over', () => {
    const [a, b] = [over('Failed', { ...named('a', 50), state: terminated(0), status: timeIsUp }), pod({ ...named('b', 40), state: running })]
    const both = [a, b].map((one) => ({ ...one, metadata: { ...one.metadata, ...stopped } }))
    expect(observe(ofDeployment(both, { deployment: undefined }))).toMatchObject({
      phase: 'running',
      edits: undefined,
      containers: [{ exitCode: 0 }, { state: 'running' }],
    })
    const over2 = both.map((one) => ({ ...one, status: { ...one.status, phase: 'Failed' as const } }))
    expect(observe(ofDeployment(over2, { deployment: undefined })).phase).toBe('ended')
  })

  describe('on a node that is silent', () => {
    const silent = { phase: 'Running', conditions: [cond('ContainersReady', 'True'), cond('Ready', 'False')] } as const
    const asked = (seconds: number, name = NAME) =>
      pod({
        name,
        meta: { annotations: { [ANNOTATION.stopped]: ago(seconds) } },
        spec: { nodeName: 'n1', terminationGracePeriodSeconds: 5 },
        state: running,
        status: silent,
      })
    const one = (seconds: number) => observe(ofJob(asked(seconds), { job: job({ meta: stopped }) }))

    test('says so while it is waited for, and is out of reach a minute after its grace', () => {
      expect(one(60)).toMatchObject({ phase: 'running', trouble: { code: 'node-lost' } })
      expect(one(60).outOfReach).toBeUndefined()
      expect(one(66)).toMatchObject({ phase: 'running', trouble: { code: 'node-lost' }, outOfReach: true })
    })

    test('is waited for while another of it still ends on a node that answers, and counts no more when that has', () => {
      const slow = { ...pod({ state: running }), metadata: asked(66, `${NAME}-b`).metadata }
      const both = (other: Parameters<typeof observation>[0]['pods'][number]) => observe(ofDeployment([asked(66), other], { deployment: undefined }))
      expect(both(slow).outOfReach).toBeUndefined()
      expect(both({ ...slow, status: { ...slow.status, phase: 'Failed' } }).outOfReach).toBe(true)
    })
  })

  test('pods that had ended before are not among those that stop', () => {
    const evicted = over('Failed', { ...named('a', 50), status: { reason: 'Evicted' } })
    const last = over('Failed', { ...named('b', 40), state: terminated(143), status: timeIsUp })
    const ours = { ...last, metadata: { ...last.metadata, ...stopped } }
    expect(observe(ofDeployment([evicted, ours], { deployment: undefined })).containers.map(({ name }) => name)).toEqual([`${NAME}-b`])
  })

  test('the uid stays that of the main object, where its pods know it', () => {
    const orphan = over('Failed', { meta: { annotations: { [ANNOTATION.stopped]: ago(1), [ANNOTATION.uid]: 'uid-of-old' } } })
    expect(observe(ofDeployment([orphan], { deployment: undefined })).uid).toBe('uid-of-old')
    const owned = over('Failed', { meta: { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: NAME, uid: 'uid-job' }] } })
    expect(observe(ofJob(owned, { job: undefined })).uid).toBe('uid-job')
  })
})

describe('the replicas of a deployment', () => {
  test('are its living pods, the oldest first', () => {
    const pods = [
      pod({ ...named('c', 10), state: running }),
      over('Failed', { ...named('x', 90), status: { reason: 'Evicted' } }),
      pod({ name: `${NAME}-y`, meta: deleted(), state: running }),
      pod({ ...named('b', 10), state: running }),
      pod({ ...named('a', 30), state: running }),
    ]
    const { containers } = observe(ofDeployment(pods, { deployment: deployment({ spec: { replicas: 3 } }) }))
    expect(containers.map(({ name, replica }) => [name.at(-1), replica])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ])
  })

  test('leave those that they replaced to be read, whole once these have ended', () => {
    const evicted = over('Failed', { ...named('x', 90), status: { reason: 'Evicted' } })
    const drained = (state: typeof running) => pod({ name: `${NAME}-y`, meta: deleted(), state, status: { phase: 'Running' } })
    const replaced = (state: typeof running) => observe(ofDeployment([evicted, drained(state), pod({ state: running })])).replaced
    expect(replaced(running)).toEqual([
      { name: `${NAME}-x`, ended: true },
      { name: `${NAME}-y`, ended: false },
    ])
    expect(replaced(terminated(0))?.[1]).toEqual({ name: `${NAME}-y`, ended: true })
    expect(observe(ofDeployment([pod({ state: running })])).replaced).toBeUndefined()
  })

  test('are waited for until each was started once', () => {
    const two = (second: ReturnType<typeof pod>) => observe(ofDeployment([pod({ ...named('a', 30), state: running }), second])).phase
    expect(two(pod(named('b', 20)))).toBe('waiting')
    expect(two(pod({ ...named('b', 20), state: running }))).toBe('running')
    expect(two(pod({ ...named('b', 20), state: waiting('CrashLoopBackOff'), lastState: terminated(1), restarts: 1 }))).toBe('running')
    expect(observe(ofDeployment([pod({ state: running })], { deployment: deployment({ spec: { replicas: 2 } }) })).phase).toBe('waiting')
  })

  test('that are started again tell how they ended', () => {
    const [looping] = observe(ofDeployment([pod({ state: waiting('CrashLoopBackOff'), lastState: terminated(137, 'OOMKilled'), restarts: 3 })])).containers
    expect(looping).toMatchObject({
      state: 'waiting',
      restarts: 3,
      exitCode: undefined,
      lastExit: { exitCode: 137, oomKilled: true, ranMs: 15_000 },
      startedAt: ago(20),
      endedAt: ago(5),
    })
    const [between] = observe(ofDeployment([pod({ state: terminated(2), restarts: 0, status: { phase: 'Running' } })])).containers
    expect(between).toMatchObject({ state: 'waiting', lastExit: { exitCode: 2 } })
    const [again] = observe(ofDeployment([pod({ state: running, lastState: terminated(2), restarts: 1 })])).containers
    expect(again).toMatchObject({ state: 'running', ready: true, startedAt: ago(20), endedAt: undefined, lastExit: { exitCode: 2 } })
  })

  test('that are well are not ended by one that is beyond repair', () => {
    const bad = pod({ ...named('b', 20), state: waiting('ErrImageNeverPull', 'Container image "x" is not present') })
    const { trouble } = observe(ofDeployment([pod({ ...named('a', 30), state: running }), bad]))
    expect(trouble).toMatchObject({ code: 'partly-available', evidence: ['1 of 2 replicas are ready', 'Container image "x" is not present'] })
  })

  test('that are only just starting beside those that are ready are no trouble', () => {
    const young = pod({ ...named('b', 5), status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(5) }] } })
    expect(observe(ofDeployment([pod({ ...named('a', 30), state: running }), young])).trouble).toBeUndefined()
  })
})

describe('what a workload waits for', () => {
  const waits = (one: ReturnType<typeof pod> | undefined) => observe(ofJob(one)).waitsFor
  test('a node, an image, its start; nothing once it runs', () => {
    expect([undefined, unscheduled('0/1 nodes'), pod({ state: waiting('ImagePullBackOff') }), pod(), pod({ state: running })].map(waits)).toEqual([
      'scheduling',
      'scheduling',
      'pulling',
      'starting',
      undefined,
    ])
  })
})
