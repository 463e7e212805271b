import { describe, expect, test } from 'vitest'
import type { Claim } from '../objects.ts'
import { podTrouble } from './pod-trouble.ts'
import { ago, cond, meta, NOW, ofDeployment, ofJob, pod, running, saying, unscheduled, waiting } from './testing/things.ts'

const troubleOf = (one: ReturnType<typeof pod>, said = {}) => podTrouble(one, ofJob(one, said))

describe('an image that does not come', () => {
  const words = 'rpc error: code = NotFound desc = failed to pull and unpack image "r/x:1": r/x:1: not found'

  test('is told in the same words while the kubelet tries and while it waits', () => {
    const tries = troubleOf(pod({ state: waiting('ErrImagePull', words) }))
    const waits = troubleOf(pod({ state: waiting('ImagePullBackOff', `Back-off pulling image "r/x:1": ErrImagePull: ${words}`) }))
    expect(tries).toMatchObject({ code: 'image-not-found', evidence: [words] })
    expect(waits).toEqual(tries)
  })

  test('is told by an event where the state only says that it waits', () => {
    const silent = saying(
      pod({ state: waiting('ImagePullBackOff', 'Back-off pulling image "r/x:1"') }),
      ['Failed', 'Error: ImagePullBackOff'],
      ['Failed', `Failed to pull image "r/x:1": ${words}`],
    )
    expect(troubleOf(silent)).toEqual({ code: 'image-not-found', evidence: [`Failed to pull image "r/x:1": ${words}`], since: ago(30) })
  })

  test('tells of a pull secret that is not there, without which it was tried', () => {
    const unread = 'Unable to retrieve some image pull secrets (reg); attempting to pull the image may not succeed.'
    const denied = 'authorization failed: no basic auth credentials'
    const events = [['FailedToRetrieveImagePullSecret', unread]] as const
    expect(troubleOf(saying(pod({ state: waiting('ErrImagePull', denied) }), ...events))).toMatchObject({
      code: 'image-access-denied',
      evidence: [denied, unread],
    })
    expect(troubleOf(saying(pod({ state: running }), ...events))).toBeUndefined()
  })

  test('counts as long as it was tried, else as the pod is on its node', () => {
    expect(troubleOf(pod({ state: waiting('ErrImagePull', 'dial tcp: i/o timeout') }))?.since).toBe(ago(40))
  })
})

describe('what events tell of a container that is being created', () => {
  const failing = (...conditions: ReturnType<typeof cond>[]) => saying(pod({ status: { conditions } }), ['FailedMount', 'secret "s" not found'])

  test('counts until its volumes and network stand', () => {
    expect(troubleOf(failing(cond('PodReadyToStartContainers', 'False')))?.code).toBe('config-missing')
    expect(troubleOf(failing(cond('PodReadyToStartContainers', 'True')))).toBeUndefined()
  })

  test('counts no more once it runs', () => {
    expect(troubleOf(saying(pod({ state: running }), ['FailedMount', 'secret "s" not found']))).toBeUndefined()
  })

  test.each(['object "p"/"kube-root-ca.crt" not registered', 'failed to sync configmap cache: timed out waiting for the condition'])(
    'is no trouble while the node is only getting ready: %s',
    (words) => {
      expect(troubleOf(saying(pod(), ['FailedMount', words]))).toBeUndefined()
    },
  )
})

test('a network that cannot be set up is told in the same words at every try', () => {
  const tried = (digit: string) => troubleOf(saying(pod(), ['FailedCreatePodSandBox', `failed to setup network for sandbox "${digit.repeat(64)}": no plugin`]))
  expect(tried('a')?.evidence).toEqual(['failed to setup network for sandbox: no plugin'])
  expect(tried('b')).toEqual(tried('a'))
})

test('a volume that is not bound tells what its claim tells', () => {
  const claim: Claim = saying({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: meta('data'), status: { phase: 'Pending' } }, [
    'ProvisioningFailed',
    'storageclass.storage.k8s.io "fast" not found',
  ])
  const words = '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.'
  expect(troubleOf(unscheduled(words), { claims: [claim] })).toEqual({
    code: 'volume-pending',
    evidence: [words, 'storageclass.storage.k8s.io "fast" not found'],
    since: ago(40),
  })
})

describe('a node that is silent', () => {
  const silent = (ready: Parameters<typeof cond>) =>
    pod({ state: running, status: { phase: 'Running', conditions: [cond('ContainersReady', 'True'), cond(...ready)] } })

  test('is known by a readiness that was taken back from outside', () => {
    expect(troubleOf(silent(['Ready', 'False']))).toEqual({ code: 'node-lost', evidence: [expect.stringContaining('node n1 ')], since: ago(40) })
    expect(troubleOf(silent(['Ready', 'Unknown', 'NodeStatusUnknown']))?.code).toBe('node-lost')
  })

  test('is not the same as a readiness gate', () => {
    expect(troubleOf(silent(['Ready', 'False', 'ReadinessGatesNotReady']))).toBeUndefined()
  })

  test('is waited for also when the cluster has begun to delete its pods', () => {
    const tainted = silent(['Ready', 'False'])
    const one = { ...tainted, metadata: { ...tainted.metadata, deletionTimestamp: ago(-20) } }
    expect(podTrouble(one, ofJob(one, { now: NOW }))?.code).toBe('node-lost')
  })
})

test('pods of a deployment that are over were replaced already, and are nobody’s trouble', () => {
  const evicted = pod({ status: { phase: 'Failed', reason: 'Evicted' } })
  expect(podTrouble(evicted, ofDeployment([evicted]))).toBeUndefined()
})
