import { expect, test } from 'vitest'
import { observation } from './observation.ts'
import { job, meta, NAME, ofDeployment, ofJob, ofService, over, pod, running, service, terminated, unscheduled } from './testing/things.ts'
import type { KubeSeen } from './seen.ts'

const shown = (seen: KubeSeen) => {
  const seenNow = observation(seen)
  return seenNow.phase === 'absent' ? undefined : seenNow.objects
}

test('the objects are named as official clients name them', () => {
  expect(Object.keys(shown(ofJob(pod()))?.k8s ?? {})).toEqual(['job'])
  expect(Object.keys(shown(ofService([pod()]))?.k8s ?? {})).toEqual(['deployment', 'service'])
  const alias = service({}, { metadata: meta('zz') })
  expect(shown(ofService([pod()], { services: [alias, service()] }))?.k8s).toMatchObject({ service: { metadata: { name: 'api' } }, services: [{}, {}] })
})

test('pods are in the shape that consoles read', () => {
  expect(shown(ofJob(pod({ state: running })))?.pods).toEqual([
    {
      name: `${NAME}-a`,
      namespace: 'p',
      phase: 'Running',
      node: 'n1',
      startTime: '2026-05-01T11:59:10Z',
      conditions: ['PodScheduled', 'ContainersReady', 'Ready'].map((type) => ({ type, status: 'True', lastTransitionTime: '2026-05-01T11:59:20Z' })),
      containers: [{ name: 'main', ready: true, restartCount: 0, image: 'app:1', state: 'running since 2026-05-01T11:59:40Z' }],
    },
  ])
  expect(shown(ofJob(over('Failed', { state: terminated(3) })))?.pods[0]).toMatchObject({
    containers: [{ state: 'terminated at 2026-05-01T11:59:55Z exitCode: 3 reason: Error' }],
  })
})

test('what a process wrote as its termination message is not shown, and neither are annotations', () => {
  const secretive = over('Failed', { state: terminated(1, 'Error', 'password=hunter2'), meta: { annotations: { note: 'hunter2' } } })
  expect(JSON.stringify(observation(ofJob(secretive, { job: job({ meta: { annotations: { note: 'hunter2' } } }) })))).not.toContain('hunter2')
})

test('two looks at the same things differ in nothing, whatever version and order they come in', () => {
  const look = (resourceVersion: string, order: (pods: readonly ReturnType<typeof pod>[]) => ReturnType<typeof pod>[]) => {
    const pods = ['a', 'b', 'c'].map((letter) => pod({ name: `${NAME}-${letter}`, state: running, meta: { resourceVersion } }))
    const services = [service({}, { metadata: meta('api', { resourceVersion }) }), service({}, { metadata: meta('b', { resourceVersion }) })]
    return JSON.stringify(observation(ofService(order(pods), { services: resourceVersion === '2' ? services.toReversed() : services })))
  }
  expect(look('2', (pods) => pods.toReversed())).toBe(look('1', (pods) => [...pods]))
})

test('a status stays small with many pods and long words', () => {
  const pods = Array.from({ length: 200 }, (_, index) => ({ ...unscheduled('0/9 nodes are available: '.repeat(500)), metadata: meta(`${NAME}-${index}`) }))
  expect(JSON.stringify(shown(ofDeployment(pods))).length).toBeLessThan(32_000)
})
