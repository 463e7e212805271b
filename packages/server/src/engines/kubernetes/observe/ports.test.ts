import { describe, expect, test } from 'vitest'
import type { PresentObservation } from '#domain/observation.ts'
import { ALIAS_OF } from '../manifests/services.ts'
import { observation } from './observation.ts'
import type { KubeSeen } from './seen.ts'
import { meta, ofService, pod, running, service } from './testing/things.ts'

const ready = [pod({ state: running })]
const seen = (said: Partial<KubeSeen> = {}, pods = ready): PresentObservation => {
  const seenNow = observation(ofService(pods, said))
  if (seenNow.phase === 'absent') throw new Error('nothing was observed')
  return seenNow
}
const http = { name: 'port80', port: 80, targetPort: 8080, protocol: 'TCP' } as const
const onNode = service({ type: 'NodePort', ports: [{ ...http, nodePort: 31_000 }] })
const balanced = (ingress: readonly { ip?: string; hostname?: string }[], port = 80) =>
  service({ type: 'LoadBalancer', ports: [{ ...http, port, nodePort: 31_000 }] }, { status: { loadBalancer: { ingress } } })

describe('where a service answers', () => {
  test('inside the cluster: by its name and port', () => {
    expect(seen()).toMatchObject({
      clusterIP: '10.96.0.9',
      loadBalancer: undefined,
      ports: [{ name: 'port80', port: 80, targetPort: 8080, protocol: 'TCP', host: 'api.p', hostPort: 80, nodePort: undefined, listening: true }],
    })
  })

  test('headless: the same, without an address of its own', () => {
    expect(seen({ services: [service({ clusterIP: 'None' })] })).toMatchObject({ clusterIP: undefined, ports: [{ host: 'api.p', hostPort: 80 }] })
  })

  test('on a node port: at the configured address, else at a node that runs it', () => {
    expect(seen({ services: [onNode], nodeAddress: 'nodes.example' }).ports).toMatchObject([{ host: 'nodes.example', hostPort: 31_000, nodePort: 31_000 }])
    expect(seen({ services: [onNode] }).ports).toMatchObject([{ host: '10.0.0.7', hostPort: 31_000 }])
    expect(seen({ services: [onNode], nodeAddress: 'fd00::1' }).ports).toMatchObject([{ host: '[fd00::1]' }])
    expect(seen({ services: [onNode] }, []).ports).toMatchObject([{ host: 'api.p', hostPort: 80, nodePort: 31_000 }])
  })

  test('at a load balancer: its address or its name, with a scheme beside; until it has one, at the node port', () => {
    expect(seen({ services: [balanced([{ ip: '198.51.100.7' }])] })).toMatchObject({
      loadBalancer: 'http://198.51.100.7:80',
      ports: [{ host: '198.51.100.7', hostPort: 80, nodePort: 31_000 }],
    })
    expect(seen({ services: [balanced([{ hostname: 'lb.example' }], 443)] })).toMatchObject({
      loadBalancer: 'https://lb.example:443',
      ports: [{ host: 'lb.example', hostPort: 443 }],
    })
    expect(seen({ services: [balanced([])] })).toMatchObject({ loadBalancer: undefined, ports: [{ host: '10.0.0.7', hostPort: 31_000 }] })
  })

  test('is told of the run’s own Service, not of its other names', () => {
    const alias = service({}, { metadata: meta('a-first', { annotations: { [ALIAS_OF]: 'p' } }) })
    expect(seen({ services: [alias, onNode] })).toMatchObject({ serviceName: 'api', ports: [{ hostPort: 31_000 }] })
  })

  test('is not told of what has no Service', () => {
    expect(seen({ services: [] }).ports).toEqual([])
  })
})

describe('whether something listens', () => {
  const two = service({ ports: [{ ...http, name: 'dns', port: 53, protocol: 'UDP' }, http, { ...http, name: 'b', port: 81, targetPort: 8081 }] })
  const listening = (pods: typeof ready) => seen({ services: [two] }, pods).ports.map((port) => port.listening)

  test('is known of the first TCP port, by its readiness probe', () => {
    expect(listening(ready)).toEqual([undefined, true, undefined])
    expect(listening([pod({ state: running, status: { phase: 'Running', conditions: [] } })])).toEqual([undefined, false, undefined])
  })

  test('is not known of what does not run', () => {
    expect(listening([pod()])).toEqual([undefined, undefined, undefined])
  })
})
