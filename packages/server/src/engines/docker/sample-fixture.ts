import { PLAIN } from '#domain/testing/plain-workload.ts'
import type { Workload } from '#domain/workload.ts'
import type { Making } from './create.ts'
import { ContainerInspect } from './inspect.ts'

/** A plain job, for tests on values. */
export const sampleWorkload = (wanted: Partial<Workload> = {}): Workload => ({
  ...PLAIN,
  name: 'davit-r1-1',
  runId: 'r1',
  attempt: 1,
  project: 'p',
  functionName: 'f',
  image: 'app:1',
  graceSeconds: 30,
  ...wanted,
})

export const sampleMaking = (workload: Partial<Workload> = {}, making: Partial<Making> = {}): Making => ({
  installation: '0123456789abcdef',
  workload: sampleWorkload(workload),
  secrets: {},
  replica: 0,
  image: { id: 'sha256:1', entrypoint: [], cmd: ['sh'], env: [], user: '', workingDir: '/' },
  flavor: { kind: 'docker', version: '20.10.24', cores: 4, rootDir: '/var/lib/docker' },
  init: true,
  hostPorts: [],
  ...making,
})

/** What the engine says of a container of `sampleWorkload`. */
export const sampleInspect = ({
  state = {},
  labels = {},
  ...more
}: {
  state?: object
  labels?: Record<string, string>
  [other: string]: unknown
} = {}): ContainerInspect =>
  ContainerInspect.parse({
    Id: 'id0',
    Name: '/davit-r1-1-0',
    State: { Status: 'running', StartedAt: '2026-01-02T03:04:05.1Z', FinishedAt: '0001-01-01T00:00:00Z', ...state },
    Config: { Labels: { 'davit.dev/replica': '0', 'davit.dev/replicas': '1', 'davit.dev/action': 'job', ...labels } },
    HostConfig: {},
    NetworkSettings: {},
    ...more,
  })
