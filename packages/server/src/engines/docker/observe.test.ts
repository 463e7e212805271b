import { describe, expect, test } from 'vitest'
import type { Observation } from '#domain/observation.ts'
import { observation, type Seen } from './observe.ts'
import { sampleInspect } from './sample-fixture.ts'

const seen = (inspect: Parameters<typeof sampleInspect>[0] = {}, more: Partial<Seen> = {}): Seen => ({
  inspect: sampleInspect(inspect),
  listening: () => undefined,
  restarts: 0,
  lastExit: undefined,
  restartedByUs: false,
  ...more,
})
const observe = (...containers: Seen[]): Observation => observation(containers, '127.0.0.1')
const ports = JSON.stringify([{ name: 'http', port: 8085, targetPort: 80, protocol: 'TCP' }])
const bound = (HostIp: string): object => ({ Ports: { '80/tcp': [{ HostIp, HostPort: '30123' }] }, Networks: { n: { IPAddress: '10.1.2.3' } } })

describe('an observation', () => {
  test('of no container is absent', () => expect(observe()).toEqual({ phase: 'absent' }))
  test('of a running job', () => {
    expect(observe(seen())).toEqual({
      phase: 'running',
      uid: 'id0',
      containers: [
        {
          name: 'davit-r1-1-0',
          replica: 0,
          state: 'running',
          ready: true,
          restarts: 0,
          exitCode: undefined,
          oomKilled: false,
          error: undefined,
          lastExit: undefined,
          startedAt: '2026-01-02T03:04:05.100Z',
          endedAt: undefined,
        },
      ],
      ports: [],
      clusterIP: undefined,
    })
  })
  const phases = [
    ['created', 'waiting', 'waiting'],
    ['running', 'running', 'running'],
    ['paused', 'running', 'running'],
    ['restarting', 'running', 'waiting'],
    ['exited', 'ended', 'ended'],
    ['dead', 'ended', 'ended'],
    ['stopped', 'ended', 'ended'],
    ['a-new-word', 'running', 'running'],
  ] as const
  for (const [Status, phase, state] of phases)
    test(`calls ${Status} ${phase}`, () => expect(observe(seen({ state: { Status } }))).toMatchObject({ phase, containers: [{ state }] }))
  test('gives the exit code of an end, and no end before its start', () => {
    const state = { Status: 'exited', ExitCode: 137, OOMKilled: true, StartedAt: '2026-01-02T03:04:05.2Z', FinishedAt: '2026-01-02T03:04:05.1Z' }
    expect(observe(seen({ state }))).toMatchObject({ containers: [{ exitCode: 137, oomKilled: true, endedAt: '2026-01-02T03:04:05.200Z' }] })
  })
  test('says of a container between two lives how it ended last', () => {
    const state = { Status: 'restarting', ExitCode: 7, FinishedAt: '2026-01-02T03:04:06.1Z' }
    expect(observe(seen({ state }, { restarts: 3 }))).toMatchObject({
      phase: 'running',
      containers: [{ exitCode: undefined, lastExit: { exitCode: 7, oomKilled: false, ranMs: 1000 }, restarts: 3 }],
    })
    expect(observe(seen({ state: { ...state, Status: 'exited' } }, { restartedByUs: true }))).toMatchObject({
      phase: 'running',
      containers: [{ state: 'waiting', lastExit: { exitCode: 7 } }],
    })
  })
  test('waits for a replica that is missing, unless all that are there have ended', () => {
    const labels = { 'davit.dev/replicas': '2' }
    expect(observe(seen({ labels }))).toMatchObject({ phase: 'waiting' })
    expect(observe(seen({ labels, state: { Status: 'exited' } }))).toMatchObject({ phase: 'ended' })
  })
  test('has containers in the order of replicas', () => {
    const second = seen({ Id: 'id1', Name: '/b', labels: { 'davit.dev/replica': '1', 'davit.dev/replicas': '2' } })
    expect(observe(second, seen({ labels: { 'davit.dev/replicas': '2' } }))).toMatchObject({ uid: 'id0', containers: [{ replica: 0 }, { replica: 1 }] })
  })
  test('is ready when every port that is looked at answers', () => {
    const serving = (listening: boolean | undefined): Observation =>
      observe(seen({ labels: { 'davit.dev/ports': ports }, NetworkSettings: bound('127.0.0.1') }, { listening: () => listening }))
    expect(serving(true)).toMatchObject({
      clusterIP: '10.1.2.3',
      containers: [{ ready: true }],
      ports: [{ name: 'http', port: 8085, targetPort: 80, protocol: 'TCP', host: '127.0.0.1', hostPort: 30_123, listening: true }],
    })
    expect(serving(false)).toMatchObject({ containers: [{ ready: false }], ports: [{ listening: false }] })
    expect(serving(undefined)).toMatchObject({ containers: [{ ready: true }], ports: [{ listening: undefined }] })
  })
  test('names a place to call for ports bound to every address, and none for what has ended', () => {
    const labels = { 'davit.dev/ports': ports }
    expect(observe(seen({ labels, NetworkSettings: bound('0.0.0.0') }))).toMatchObject({ ports: [{ host: '127.0.0.1' }] })
    expect(observe(seen({ labels, NetworkSettings: bound('192.0.2.7') }))).toMatchObject({ ports: [{ host: '192.0.2.7' }] })
    expect(observe(seen({ labels, state: { Status: 'exited' }, NetworkSettings: bound('127.0.0.1') }))).toMatchObject({ ports: [] })
  })
  test('survives a label that is not ours to read', () => expect(observe(seen({ labels: { 'davit.dev/ports': '{not json' } }))).toMatchObject({ ports: [] }))
})
