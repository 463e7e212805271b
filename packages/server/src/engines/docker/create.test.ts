import { describe, expect, test } from 'vitest'
import { argvOf, createOptions, wantsInit } from './create.ts'
import { sampleMaking, sampleWorkload } from './sample-fixture.ts'

const http = { name: 'http', port: 8085, targetPort: 8501, nodePort: undefined, protocol: 'TCP' } as const

describe('the create call', () => {
  test('of a plain job, whole', () => {
    expect(createOptions(sampleMaking({ command: ['sh', '-c', 'exit 3'], env: [{ name: 'A', value: 'b=c' }] }))).toEqual({
      name: 'davit-r1-1-0',
      Image: 'app:1',
      Hostname: 'davit-r1-1-0',
      Entrypoint: ['sh', '-c', 'exit 3'],
      Env: ['A=b=c'],
      Labels: {
        'app.kubernetes.io/managed-by': 'davit',
        'davit.dev/installation': '0123456789abcdef',
        'davit.dev/project': 'p',
        'davit.dev/run': 'r1',
        'davit.dev/attempt': '1',
        'davit.dev/workload': 'davit-r1-1',
        'davit.dev/replica': '0',
        'davit.dev/replicas': '1',
        'davit.dev/action': 'job',
        'davit.dev/function': 'f',
      },
      StopTimeout: 30,
      ExposedPorts: {},
      HostConfig: {
        NetworkMode: 'davit-01234567-p',
        RestartPolicy: { Name: 'no' },
        PortBindings: {},
        SecurityOpt: ['no-new-privileges'],
        CapDrop: ['NET_RAW', 'MKNOD', 'AUDIT_WRITE', 'SETFCAP'],
        Privileged: false,
        Init: true,
        PidsLimit: 4096,
        Mounts: [],
        Binds: [],
        Tmpfs: {},
        LogConfig: { Type: 'local', Config: { 'max-size': '64m', 'max-file': '4', compress: 'false' } },
      },
      NetworkingConfig: { EndpointsConfig: { 'davit-01234567-p': { Aliases: [] } } },
    })
  })
  test('publishes each port where it was told to, and answers to the service names', () => {
    const ports = [http, { ...http, name: 'dns', targetPort: 53, protocol: 'UDP' as const }]
    const hostPorts = [30_001, 30_002].map((port) => ({ host: '127.0.0.1', port }))
    const { ExposedPorts, HostConfig, NetworkingConfig } = createOptions(sampleMaking({ action: 'serve', ports, serviceNames: ['s-1', 'app'] }, { hostPorts }))
    expect(ExposedPorts).toEqual({ '8501/tcp': {}, '53/udp': {} })
    expect(HostConfig?.PortBindings).toEqual({
      '8501/tcp': [{ HostIp: '127.0.0.1', HostPort: '30001' }],
      '53/udp': [{ HostIp: '127.0.0.1', HostPort: '30002' }],
    })
    expect(NetworkingConfig?.EndpointsConfig).toEqual({ 'davit-01234567-p': { Aliases: ['s-1', 'app'] } })
  })
  test('lets Docker restart what runs for ever, and Podman not', () => {
    expect(createOptions(sampleMaking({ action: 'deploy' })).HostConfig?.RestartPolicy).toEqual({ Name: 'unless-stopped' })
    const podman = sampleMaking({ action: 'deploy' }, { flavor: { kind: 'podman', version: '4.3.1', cores: 4, rootDir: '' } })
    expect(createOptions(podman).HostConfig).toMatchObject({ RestartPolicy: { Name: 'no' }, LogConfig: { Type: 'json-file' } })
  })
  test('turns limits into what the engine takes, and requests into nothing', () => {
    const limits = (resources: Parameters<typeof sampleWorkload>[0]) => createOptions(sampleMaking(resources)).HostConfig
    expect(limits({ resources: { cpu: { request: 2, limit: 0.5 }, mem: { request: 1, limit: 2 ** 20 }, gpu: { limit: 2 } } })).toMatchObject({
      NanoCpus: 5e8,
      Memory: 2 ** 20,
      MemorySwap: 2 ** 20,
      DeviceRequests: [{ Count: 2, Capabilities: [['gpu']] }],
    })
    expect(limits({ resources: { cpu: { request: 1 }, mem: { request: 1 } } })).not.toHaveProperty('Memory')
  })
  test('asks for no more cores than there are, and for no less than the engine takes', () => {
    expect(createOptions(sampleMaking({ resources: { cpu: { limit: 64 } } })).HostConfig?.NanoCpus).toBe(4e9)
    expect(createOptions(sampleMaking({ resources: { cpu: { limit: 0.001 } } })).HostConfig?.NanoCpus).toBe(1e7)
  })
  test('runs as whom it is told, the rest being the image’s', () => {
    const image = { ...sampleMaking().image, user: 'app:app' }
    expect(createOptions(sampleMaking({}, { image }))).not.toHaveProperty('User')
    expect(createOptions(sampleMaking({ runAsUser: 0 }, { image })).User).toBe('0')
    expect(createOptions(sampleMaking({ runAsUser: 7, runAsGroup: 8 }, { image })).User).toBe('7:8')
    expect(createOptions(sampleMaking({ runAsGroup: 8 }, { image })).User).toBe('app:8')
  })
  test('gives a secret to the environment and to nothing else', () => {
    const { Env, ...rest } = createOptions(sampleMaking({ secretNames: ['TOKEN'] }, { secrets: { TOKEN: 'hush', OTHER: 'unasked' } }))
    expect(Env).toEqual(['TOKEN=hush'])
    expect(JSON.stringify(rest)).not.toMatch(/hush|unasked/)
  })
  test('keeps a host name within 63 characters', () => {
    expect(createOptions(sampleMaking({ name: `davit-${'x'.repeat(57)}` })).Hostname).toHaveLength(63)
  })
})

test('command and args have Kubernetes’ meaning', () => {
  const image = { entrypoint: ['e'], cmd: ['c'] }
  expect(argvOf({ command: undefined, args: undefined }, image)).toEqual(['e', 'c'])
  expect(argvOf({ command: undefined, args: ['a'] }, image)).toEqual(['e', 'a'])
  expect(argvOf({ command: ['x'], args: undefined }, image)).toEqual(['x'])
  expect(argvOf({ command: ['x'], args: ['a'] }, image)).toEqual(['x', 'a'])
  expect(argvOf({ command: [], args: [] }, image)).toEqual(['e', 'c'])
})

test('an image with an init of its own gets none from us', () => {
  const { image } = sampleMaking()
  const without = ['/init', '/sbin/init', '/lib/systemd/systemd', 'tini', '/usr/bin/dumb-init', '/docker-entrypoint.sh', 'python', '/app/initialise'].filter(
    (program) => !wantsInit(sampleWorkload(), { ...image, entrypoint: [program] }),
  )
  expect(without).toEqual(['/init', '/sbin/init', '/lib/systemd/systemd', 'tini', '/usr/bin/dumb-init'])
})
