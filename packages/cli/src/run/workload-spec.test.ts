import { describe, expect, test } from 'vitest'
import type { WorkloadInput } from './workload-flags.ts'
import { functionNameOfImage, parsePort, parseVolume, workloadSpec } from './workload-spec.ts'

const BARE: WorkloadInput = {
  image: 'acme/app:1', args: [], name: undefined, function: undefined, env: [], envFile: [], secret: [], label: [], cpu: undefined, memory: undefined, gpu: undefined,
  volume: [], user: undefined, entrypoint: undefined, command: undefined, pull: undefined, grace: undefined, set: [],
} // biome-ignore format: a table
const spec = (input: Partial<WorkloadInput>, action: 'job' | 'serve' | 'deploy' = 'job') => workloadSpec({ ...BARE, ...input }, { envs: [], action })

test.each([
  ['hello-world:latest', 'hello-world'],
  ['ghcr.io/acme/app:1', 'app'],
  ['localhost:5000/team/My_App', 'my_app'],
  ['app@sha256:0123', 'app'],
  ['registry:5000/x/app:1.2@sha256:0123', 'app'],
])('the function of %s is named %s', (image, name) => expect(functionNameOfImage(image)).toBe(name))

test('an image without a name is refused', () => expect(() => functionNameOfImage(':')).toThrow('is no name of an image'))

describe('flags become specs', () => {
  test('an image alone is a function with just that image', () => {
    expect(spec({})).toEqual({ functionName: 'app', functionSpec: { image: 'acme/app:1' }, runSpec: {} })
  })

  test('what describes the container is the function’s, how it runs is the run’s', () => {
    const { functionSpec, runSpec } = spec({
      args: ['a b', 'c'],
      command: 'sh',
      pull: 'missing',
      cpu: '500m',
      memory: '1Gi',
      user: '1000:100',
      label: ['a=b=c', 'x'],
      secret: ['S'],
      grace: 1500,
      set: ['backoff_limit=2', 'resources.gpu=1'],
    })
    expect(functionSpec).toEqual({ image: 'acme/app:1', image_pull_policy: 'IfNotPresent', command: 'sh', args: ['a b', 'c'] })
    expect(runSpec).toEqual({
      resources: { gpu: 1 }, run_as_user: 1000, run_as_group: 100, labels: [{ name: 'a', value: 'b=c' }, { name: 'x', value: '' }], secrets: ['S'], termination_grace_period_seconds: 2, backoff_limit: 2,
    }) // biome-ignore format: one spec
  })

  test('--set of a function parameter goes to the function, text or JSON', () => {
    expect(spec({ set: ['args=["x",1]'.replace('1', '"1"'), 'base_image=alpine'] }).functionSpec).toMatchObject({ args: ['x', '1'], base_image: 'alpine' })
  })
})

describe('wrong flags are refused before anything is sent', () => {
  test('an unknown parameter, with the nearest known one', () => {
    expect(() => spec({ set: ['servce_ports=[]'] })).toThrow(
      expect.objectContaining({ code: 'invalid', message: '--set: unknown parameter "servce_ports"', hint: 'did you mean service_ports?' }),
    )
  })
  test('an unknown field inside a parameter', () => {
    expect(() => spec({ set: ['service_ports=[{"port":1,"target_prt":2}]'] })).toThrow(
      expect.objectContaining({ message: '--set: unknown field service_ports.0.target_prt', hint: 'did you mean target_port?' }),
    )
  })
  test.each([
    [{ cpu: 'lots' }, /resources/],
    [{ set: ['replicas=many'] }, /replicas/],
    [{ user: 'root' }, /--user takes UID/],
    [{ volume: ['/home:/data'] }, /--volume takes NAME/],
    [{ set: ['replicas'] }, /--set takes key=value/],
    [{ args: ['a\0b'] }, /NUL/],
  ] as const)('%j', (input, message) => expect(() => spec(input)).toThrow(message))
  test('a service without a port', () => expect(() => spec({}, 'serve')).toThrow('serve needs a port'))
})

test('ports', () => {
  expect(parsePort('8085:8501')).toEqual({ port: 8085, target_port: 8501 })
  expect(parsePort('53/udp')).toEqual({ port: 53, protocol: 'UDP' })
  for (const wrong of ['8000-8010:80', 'http', '80:', '']) expect(() => parsePort(wrong)).toThrow('--port takes PORT or PORT:TARGET')
})

test('volumes', () => {
  expect(parseVolume('data:/var/data:1Gi')).toEqual({ volume_type: 'persistent_volume_claim', name: 'data', mount_path: '/var/data', spec: { size: '1Gi' } })
  expect(() => parseVolume('data')).toThrow('--volume takes')
})
