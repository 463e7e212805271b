import { describe, expect, test, vi } from 'vitest'
import { dockerClient, EngineSilentError, wordsOf } from './client.ts'
import { commandPaths } from './command.ts'
import { exitsOf } from './events.ts'
import { hasLabels, labelFilter } from './labels.ts'
import { lines } from './lines.ts'
import { containerPorts, listeningPorts } from './listening.ts'
import { chooseHostPorts } from './ports.ts'
import { note, progressText } from './pull.ts'
import { sampleWorkload } from './sample-fixture.ts'
import { restartPause } from './supervisor.ts'
import { volumePlan, volumeRefusal } from './volumes.ts'
import { volumeOf } from '../conformance/commands.ts'

test('a call without an answer is given up in time', async () => {
  vi.useFakeTimers()
  try {
    const { within } = dockerClient({ socketPath: '/nowhere' })
    let given: AbortSignal | undefined
    const answer = within('read', (signal) => {
      given = signal
      return new Promise(() => undefined)
    })
    const [failure] = await Promise.all([answer.catch((error: unknown) => error), vi.advanceTimersByTimeAsync(15_000)])
    expect(failure).toBeInstanceOf(EngineSilentError)
    expect(given?.aborted).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('DOCKER_HOST does not lead the client away from where it was told to go', async () => {
  vi.stubEnv('DOCKER_HOST', 'tcp://192.0.2.1:1')
  try {
    await expect(dockerClient({ socketPath: '/nowhere/at/all.sock' }).docker.ping()).rejects.toThrow('/nowhere/at/all.sock')
  } finally {
    vi.unstubAllEnvs()
  }
})

test("the engine's words come without their frame", () => {
  expect(wordsOf(Object.assign(new Error('(HTTP code 400) bad parameter - no '), { statusCode: 400 }))).toBe('no')
  expect(wordsOf(Object.assign(new Error('x'), { json: { message: ' said so\n' } }))).toBe('said so')
})

test("what lacks one of the wanted labels is nobody's to touch, whatever the engine's filter let through", () => {
  const wanted = { 'davit.dev/installation': 'a', 'davit.dev/run': 'r' }
  expect(labelFilter(wanted)).toEqual({ label: ['davit.dev/installation=a', 'davit.dev/run=r'] })
  expect(hasLabels({ ...wanted, more: 'x' }, wanted)).toBe(true)
  expect(hasLabels({ 'davit.dev/installation': 'a' }, wanted)).toBe(false)
  expect(hasLabels({ ...wanted, 'davit.dev/run': 'other' }, wanted)).toBe(false)
  expect(hasLabels(undefined, wanted)).toBe(false)
})

test('lines survive any cut, also within a character', async () => {
  const bytes = Buffer.from('{"a":"ü"}\n\n{"b":1}')
  const chunks = [...bytes].map((byte) => Buffer.from([byte]))
  expect(await Array.fromAsync(lines(chunks as unknown as AsyncIterable<Buffer>))).toEqual(['{"a":"ü"}', '{"b":1}'])
})

describe('ports that a container listens on', () => {
  const table = [
    '  sl  local_address rem_address   st',
    '   0: 00000000:0050 00000000:0000 0A 0:0 0:0 0 0 0 1',
    '   1: 0100007F:2135 00000000:0000 0A 0:0 0:0 0 0 0 1',
    '   2: 0A01020A:0051 0A01020B:9999 01 0:0 0:0 0 0 0 1',
    '   3: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0 0 0 0 1',
    '   4: 00000000000000000000000001000000:1F91 00000000000000000000000000000000:0000 0A 0:0 0 0 0 1',
  ].join('\n')
  test('are those open to others, in both families', () => expect(listeningPorts(table)).toEqual([80, 8080]))
  test('are unknown where the process is not the container’s', async () => {
    expect(await containerPorts(process.pid, 'f'.repeat(64))).toBeUndefined()
    expect(await containerPorts(0, '')).toBeUndefined()
  })
})

test('a command is looked for where the kernel would', () => {
  expect(commandPaths('sh', { workingDir: '/w', path: '/bin:rel' })).toEqual(['/bin/sh', '/w/rel/sh'])
  expect(commandPaths('./run', { workingDir: '/w', path: '/bin' })).toEqual(['/w/run'])
})

test('past exits are read from events, a lack of memory with the life that it came in, also where it is told late', () => {
  const event = (Action: string, exitCode?: string): Parameters<typeof exitsOf>[0][number] => ({
    Action,
    Actor: { ID: 'x', Attributes: exitCode === undefined ? {} : { exitCode } },
  })
  const [start, oom] = [event('start'), event('oom')]
  expect(exitsOf([event('die', '1'), start, oom, event('die', '137'), start, event('died', '0')])).toEqual([
    { exitCode: 1, oomKilled: false },
    { exitCode: 137, oomKilled: true },
    { exitCode: 0, oomKilled: false },
  ])
  expect(exitsOf([start, event('die', '137'), oom, start, event('die', '1')])).toEqual([
    { exitCode: 137, oomKilled: true },
    { exitCode: 1, oomKilled: false },
  ])
  expect(exitsOf([oom, event('die', '137')])).toEqual([{ exitCode: 137, oomKilled: true }])
})

test('the progress of a pull is told in layers and bytes', () => {
  const layers = new Map()
  expect(progressText('app:1', layers)).toBe('fetching app:1')
  for (const line of [
    { id: '1', status: 'Pulling from library/app' },
    { id: 'a', status: 'Pulling fs layer' },
    { id: 'b', status: 'Already exists' },
    { id: 'a', status: 'Downloading', progressDetail: { current: 1_500_000, total: 4_000_000 } },
  ])
    note(layers, line)
  expect(progressText('app:1', layers)).toBe('fetching app:1: 1 of 2 layers, 1.5 MB of 4 MB')
  note(layers, { id: 'a', status: 'Pull complete' })
  expect(progressText('app:1', layers)).toBe('fetching app:1: 2 of 2 layers, 4 MB of 4 MB')
})

test('host ports: the one that was asked for goes to the first replica, loopback unless the service is for outside', async () => {
  const port = { name: 'http', port: 80, targetPort: 80, nodePort: 31_000, protocol: 'TCP' } as const
  const choice = { publishHost: '127.0.0.1', nodePortHost: '192.0.2.1', local: false, random: () => 0.5 }
  const workload = sampleWorkload({ action: 'serve', ports: [port], serviceType: 'NodePort' })
  expect(await chooseHostPorts(workload, 0, choice)).toEqual([{ host: '192.0.2.1', port: 31_000 }])
  expect(await chooseHostPorts(workload, 1, choice)).toEqual([{ host: '192.0.2.1', port: 31_384 }])
  expect(await chooseHostPorts({ ...workload, serviceType: 'ClusterIP' }, 0, choice)).toEqual([{ host: '127.0.0.1', port: 31_000 }])
})

test('restarts pause for 1, 2, 4 … 60 seconds', () => expect([1, 2, 3, 7, 50].map(restartPause)).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]))

describe('volumes', () => {
  const plan = (volume: Parameters<typeof volumeOf>[0], secrets = {}): ReturnType<typeof volumePlan> =>
    volumePlan({ installation: '0123456789', workload: sampleWorkload({ volumes: [volumeOf(volume)] }), secrets })
  test('empty_dir has no name and may be written by all; in memory it has a size', () => {
    expect(plan({ type: 'empty_dir', name: 'v', mountPath: '/v' })).toMatchObject({
      mounts: [{ Target: '/v' }],
      named: [],
      files: [{ path: '/v', mode: 0o777 }],
    })
    expect(plan({ type: 'empty_dir', name: 'v', mountPath: '/v', medium: 'Memory', sizeBytes: 1024.5 }).tmpfs).toEqual({
      '/v': 'rw,exec,nosuid,nodev,mode=1777,size=1025',
    })
  })
  test('claims are named after their run, shared ones after their project', () => {
    expect(plan({ type: 'persistent_volume_claim', name: 'v', mountPath: '/v' }).binds).toEqual(['davit-01234567-r1-v:/v:nocopy'])
    expect(plan({ type: 'persistent_volume_claim', name: 'v', mountPath: '/v' }).named).toMatchObject([
      { name: 'davit-01234567-r1-v', labels: { 'davit.dev/run': 'r1', 'davit.dev/volume': 'run' } },
    ])
    const [shared] = plan({ type: 'shared_volume', name: 'v', mountPath: '/v', claimName: 'models' }).named
    expect(shared).toMatchObject({ name: 'davit-01234567-p-shared-models', labels: { 'davit.dev/volume': 'project' } })
    expect(shared?.labels).not.toHaveProperty('davit.dev/run')
  })
  test('config_map and secret are files, and a config_map without files a folder', () => {
    expect(plan({ type: 'config_map', name: 'c', mountPath: '/c', items: { a: '1' } }).files).toEqual([{ path: '/c/a', mode: 0o644, text: '1' }])
    expect(plan({ type: 'config_map', name: 'c', mountPath: '/c' }).files).toEqual([{ path: '/c', mode: 0o755 }])
    expect(plan({ type: 'secret', name: 's', mountPath: '/s', secretName: 'KEY' }, { KEY: 'v' }).files).toEqual([{ path: '/s/KEY', mode: 0o644, text: 'v' }])
  })
  test('what can never work is refused first', () => {
    const refused = (volume: Parameters<typeof volumeOf>[0]): string | undefined => volumeRefusal([volumeOf(volume)])?.code
    expect(refused({ type: 'image', name: 'v', mountPath: '/v' })).toBe('config-refused')
    expect(refused({ type: 'empty_dir', name: 'v', mountPath: '/' })).toBe('config-refused')
    expect(refused({ type: 'empty_dir', name: 'v', mountPath: '/a/../etc' })).toBe('config-refused')
    expect(refused({ type: 'config_map', name: 'v', mountPath: '/v', items: { '../x': '' } })).toBe('config-refused')
    expect(refused({ type: 'config_map', name: 'v', mountPath: '/v', items: { 'x.ini': '' } })).toBeUndefined()
  })
})
