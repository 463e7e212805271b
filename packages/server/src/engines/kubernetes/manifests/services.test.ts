import type { RunSpec } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { sampleOptions, workloadFrom } from './manifests-fixture.ts'
import { aliasNames } from './names.ts'
import { podTemplate } from './pod.ts'
import { ALIAS_OF, EXPOSED, serviceManifests } from './services.ts'

const PORTS = [{ port: 80, target_port: 8000 }]
const of = (spec: Partial<RunSpec> = {}, shared = true) => serviceManifests(workloadFrom({ service_ports: PORTS, ...spec }, 'serve'), sampleOptions({ shared }))
const names = (...args: Parameters<typeof of>) => of(...args).map(({ metadata }) => metadata.name)

describe('names', () => {
  test('the run’s own comes first', () => {
    expect(names()[0]).toBe('serve-r1')
  })

  test('the function’s name holds the project’s where others live beside it', () => {
    expect(names({}, true)).toEqual(['serve-r1', expect.stringMatching(/^hello-p-[0-9a-f]{8}$/)])
    expect(names({}, false)).toEqual(['serve-r1', 'hello'])
    const alias = (project: string, functionName: string) =>
      aliasNames({ ...workloadFrom({}, 'serve'), serviceName: undefined, serviceNames: [functionName], project, functionName }, true)[0]
    expect(alias('a-b', 'c')).not.toBe(alias('a', 'b-c'))
  })

  test('a name that the user chose stays', () => {
    expect(names({ service_name: 'web' })).toEqual(['serve-r1', 'web', expect.stringMatching(/^hello-p-/)])
    expect(names({ service_name: 'hello' })).toEqual(['serve-r1', 'hello'])
    expect(names({ service_name: 'serve-r1' }, false)).toEqual(['serve-r1', 'hello'])
  })

  test('a function whose name begins with a digit has one that a Service may have', () => {
    expect(names({ function: 'container://p/1st:1' }, false)[1]).toMatch(/^svc-1st-[0-9a-f]{8}$/)
  })

  test('are never too long', () => {
    for (const name of names({ function: `container://p/${'F'.repeat(200)}:1` })) expect(name).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/)
  })

  test('that others may claim say whose they are', () => {
    expect(of({ service_name: 'web' }).map(({ metadata }) => metadata.annotations?.[ALIAS_OF])).toEqual([undefined, 'p', 'p'])
  })
})

describe('types', () => {
  test('a node port is the own Service’s alone', () => {
    expect(of({ service_ports: [{ port: 80, node_port: 30_080 }] }).map(({ spec }) => [spec.type, spec.ports[0]?.nodePort])).toEqual([
      ['NodePort', 30_080],
      ['ClusterIP', undefined],
    ])
  })

  test.each([
    ['ClusterIP', 'ClusterIP', undefined, false],
    ['NodePort', 'NodePort', undefined, true],
    ['LoadBalancer', 'LoadBalancer', undefined, true],
    ['Headless', 'ClusterIP', 'None', false],
  ] as const)('%s', (service_type, type, clusterIP, exposed) => {
    const [own, alias] = of({ service_type })
    expect(own?.spec).toMatchObject({ type, ...(clusterIP && { clusterIP }) })
    expect(alias?.spec).toMatchObject({ type: 'ClusterIP', ...(clusterIP && { clusterIP }) })
    const { labels } = podTemplate(workloadFrom({ service_ports: PORTS, service_type }, 'serve'), sampleOptions()).metadata
    expect(labels[EXPOSED]).toBe(exposed ? 'true' : undefined)
  })
})

test('ports keep their names, numbers and protocols; one number may be open for both protocols', () => {
  const workload = workloadFrom({ service_ports: [{ port: 80, target_port: 8000, name: 'http' }, { port: 53 }, { port: 53, protocol: 'UDP' }] }, 'serve')
  const [own] = serviceManifests(workload, sampleOptions())
  expect(own?.spec.ports).toEqual([
    { name: 'http', port: 80, targetPort: 8000, protocol: 'TCP' },
    { name: 'port53-tcp', port: 53, targetPort: 53, protocol: 'TCP' },
    { name: 'port53-udp', port: 53, targetPort: 53, protocol: 'UDP' },
  ])
})

test('they select the pods of their attempt', () => {
  const workload = workloadFrom({ service_ports: PORTS }, 'serve', 2)
  for (const { spec } of serviceManifests(workload, sampleOptions()))
    expect(podTemplate(workload, sampleOptions()).metadata.labels).toMatchObject(spec.selector)
  expect(of()[0]?.spec.selector).not.toEqual(serviceManifests(workload, sampleOptions())[0]?.spec.selector)
})

test('a job and a deploy have none', () => {
  expect(serviceManifests(workloadFrom({ service_ports: PORTS }, 'deploy'), sampleOptions())).toEqual([])
})
