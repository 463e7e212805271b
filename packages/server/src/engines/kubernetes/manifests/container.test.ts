import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { containerOf, envOf, literal } from './container.ts'
import { sampleOptions, workloadFrom } from './manifests-fixture.ts'
import { cores, requirementsOf, whole } from './quantities.ts'

const container = (...args: Parameters<typeof workloadFrom>) => containerOf(workloadFrom(...args), sampleOptions())

/** What a kubelet makes of an argument: `$$` is a sign, `$(NAME)` a variable. */
const expanded = (text: string): string => text.replace(/\$\$|\$\((.*?)\)/gs, (found) => (found === '$$' ? '$' : 'EXPANDED'))

describe('the process', () => {
  test('is the image’s own where none is given', () => {
    expect(container()).toEqual({ name: 'main', image: 'app:1', imagePullPolicy: 'IfNotPresent', securityContext: expect.anything() })
    expect(container({ args: [] })).not.toHaveProperty('args')
  })

  test('is command and args, each in its place', () => {
    expect(container({ command: 'sh', args: ['-c', 'true'], image_pull_policy: 'Always' })).toMatchObject({
      command: ['sh'],
      args: ['-c', 'true'],
      imagePullPolicy: 'Always',
    })
  })

  test.each([
    ['echo $$', 'echo $$$$'],
    ['echo $(date)', 'echo $$(date)'],
    ['$HOME costs 5$', '$HOME costs 5$'],
    ['$$$(A)', '$$$$$$(A)'],
  ])('gets %s as it was written', (text, sent) => {
    expect(literal(text)).toBe(sent)
  })

  test('gets every text as it was written', () => {
    const text = fc.string({ unit: fc.constantFrom('$', '(', ')', 'A', ' ') })
    fc.assert(fc.property(text, (words) => expanded(literal(words)) === words))
  })
})

describe('variables', () => {
  test('come in order, secrets last, none of them in clear', () => {
    expect(envOf(workloadFrom({ env: { B: '1', A: 'x$(B)' }, secrets: ['TOKEN', 'a+b'] }))).toEqual([
      { name: 'B', value: '1' },
      { name: 'A', value: 'x$$(B)' },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'davit-job-r1-1', key: 'TOKEN' } } },
      { name: 'a+b', valueFrom: { secretKeyRef: { name: 'davit-job-r1-1', key: expect.stringMatching(/^k-a-b-[0-9a-f]{8}$/) } } },
    ])
  })

  test('of one name are one: the last', () => {
    expect(envOf(workloadFrom({ env: { A: '1', S: 'mine' }, envs: [{ name: 'A', value: '2' }], secrets: ['S'] }))).toEqual([
      { name: 'A', value: '2' },
      { name: 'S', valueFrom: { secretKeyRef: { name: 'davit-job-r1-1', key: 'S' } } },
    ])
  })
})

describe('a serve is ready when its first TCP port answers', () => {
  test.each([
    [[{ port: 80, target_port: 8000 }, { port: 81 }], 8000],
    [[{ port: 53, protocol: 'UDP' as const }, { port: 80 }], 80],
    [[{ port: 53, protocol: 'UDP' as const }], undefined],
  ])('%j', (service_ports, port) => {
    expect(container({ service_ports }, 'serve').readinessProbe).toEqual(port === undefined ? undefined : { tcpSocket: { port }, periodSeconds: 1 })
  })

  test('a port that two services name is declared once', () => {
    expect(
      container(
        {
          service_ports: [
            { port: 80, target_port: 8000 },
            { port: 81, target_port: 8000 },
          ],
        },
        'serve',
      ).ports,
    ).toEqual([{ containerPort: 8000, protocol: 'TCP' }])
  })
})

describe('resources', () => {
  const of = (resources: Parameters<typeof workloadFrom>[0] extends infer S ? (S extends { resources?: infer R } ? R : never) : never) =>
    requirementsOf(workloadFrom({ resources }), {})

  test('none are none: nothing throttles', () => {
    expect(of({})).toBeUndefined()
    expect(container()).not.toHaveProperty('resources')
  })

  test('are what was asked for, exactly', () => {
    expect(of({ cpu: { requests: '0.5', limits: 2 }, mem: { requests: '1.5Gi' }, disk: { limits: '1G' } })).toEqual({
      requests: { cpu: '500m', memory: '1610612736' },
      limits: { cpu: '2', 'ephemeral-storage': '1000000000' },
    })
  })

  test('a GPU is requested whole, under the name that the operator gives', () => {
    expect(of({ gpu: 2 })).toEqual({ requests: { 'nvidia.com/gpu': '2' }, limits: { 'nvidia.com/gpu': '2' } })
    expect(of({ gpu: { requests: 1 } })).toEqual({ requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } })
    expect(of({ gpu: 0 })).toBeUndefined()
    expect(requirementsOf(workloadFrom({ resources: { gpu: 1 } }), { gpuResource: 'amd.com/gpu' })?.limits).toEqual({ 'amd.com/gpu': '1' })
  })

  test.each([
    [0, '0'],
    [1, '1'],
    [0.5, '500m'],
    [0.07, '70m'],
    [1.1, '1100m'],
    [0.0001, '1m'],
    [1e-12, '1m'],
    [0.0011, '2m'],
  ])('%d cores are %s', (amount, text) => {
    expect(cores(amount)).toBe(text)
  })

  test('every thousandth of a core stays what it is', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1_000_000 }), (m) => [`${m}m`, String(m / 1000)].includes(cores(m / 1000))))
  })

  test('bytes have no exponent and no fraction', () => {
    expect([whole(2 ** 60), whole(1e21), whole(0.1), whole(1536)]).toEqual(['1152921504606846976', '1000000000000000000000', '1', '1536'])
  })
})
