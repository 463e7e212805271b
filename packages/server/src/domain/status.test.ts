import { RunStatus, ServiceStatus } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { serviceStatus, stateOf, statusOf } from './status.ts'
import { container, ended, port, seen, workload } from './testing/samples.ts'
import { verdict } from './verdict.ts'

const serve = workload({ action: 'serve', serviceNames: ['api', 'serve-r1'] })
const unwell = verdict('port-not-listening', [])

describe('the state of what exists', () => {
  test.each([
    ['job', [container({ ready: false })], [], undefined, 'RUNNING'],
    ['job', [container({ state: 'waiting', ready: false })], [], undefined, 'PENDING'],
    ['serve', [container({ ready: false })], [port({ listening: false })], undefined, 'PENDING'],
    ['serve', [container({ ready: false })], [port({ listening: false })], unwell, 'RUNNING'],
    ['serve', [container()], [port()], undefined, 'RUNNING'],
    ['deploy', [container({ state: 'waiting', ready: false }), container()], [], undefined, 'RUNNING'],
    ['deploy', [ended(1)], [], undefined, 'PENDING'],
  ] as const)('%s %#', (action, containers, ports, trouble, state) => {
    expect(stateOf({ action, seen: seen(containers, { ports }), verdict: trouble })).toBe(state)
  })
})

describe('where a service answers', () => {
  test('is host and port without a scheme, in the shape that official clients read', () => {
    const status = serviceStatus(seen([container()], { ports: [port(), port({ name: 'b', port: 81, hostPort: 31_001 })], clusterIP: '10.0.0.2' }), serve)
    expect(ServiceStatus.parse(status)).toEqual({
      name: 'api',
      namespace: 'p',
      type: 'NodePort',
      clusterIP: '10.0.0.2',
      ports: [
        { name: 'port80', port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 31_000 },
        { name: 'b', port: 81, protocol: 'TCP', targetPort: 8080, nodePort: 31_001 },
      ],
      url: '127.0.0.1:31000',
      urls: ['127.0.0.1:31000', '127.0.0.1:31001'],
    })
  })

  test('is told by the name that the engine gave it, where that is another', () => {
    expect(serviceStatus(seen([container()], { ports: [port()], serviceName: 'serve-r1' }), serve)?.name).toBe('serve-r1')
  })

  test('is not told before a port is published, nor of what is no service', () => {
    expect(serviceStatus(seen([container()]), serve)).toBeUndefined()
    expect(serviceStatus(seen([container()], { ports: [port()] }), workload({ action: 'deploy' }))).toBeUndefined()
  })
})

describe('the phase beside the state', () => {
  const phase = (
    state: 'PENDING' | 'RUNNING' | 'STOP' | 'DELETING',
    containers: Parameters<typeof seen>[0],
    trouble = undefined as typeof unwell | undefined,
    replicas = 1,
  ) => statusOf(state, seen(containers), { workload: workload({ action: 'deploy', replicas }), verdict: trouble, notes: undefined }).phase

  test('follows the state, the verdict and the replicas', () => {
    expect(phase('PENDING', [container()])).toBe('starting')
    expect(phase('RUNNING', [container()])).toBe('running')
    expect(phase('RUNNING', [container()], unwell)).toBe('degraded')
    expect(phase('RUNNING', [container(), container({ state: 'waiting' })], undefined, 2)).toBe('degraded')
    expect(phase('STOP', [container()], unwell)).toBe('stopping')
    expect(phase('DELETING', [container()])).toBe('deleting')
  })
})

test('a status fits the contract, and an exit code is told only of what has ended', () => {
  const status = statusOf('RUNNING', seen([ended(3), container({ name: 'c-1', replica: 1, exitCode: 3 })]), {
    workload: workload(),
    verdict: unwell,
    notes: [{ code: 'replaced', message: 'm' }],
  })
  expect(RunStatus.parse({ state: 'RUNNING', ...status }).containers).toEqual([
    expect.objectContaining({ name: 'c-0', attempt: 1, state: 'ended', exit_code: 3 }),
    expect.not.objectContaining({ exit_code: 3 }),
  ])
})
