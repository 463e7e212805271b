import { expect, test } from 'vitest'
import { type EndpointSlice, resolveName, type Service } from './dns-records.ts'

const service = (clusterIP?: string): Service => ({ metadata: { name: 'web', namespace: 'team' }, spec: { clusterIP } })
const slice = (addresses: readonly string[], ready?: boolean, more: Partial<EndpointSlice> = {}): EndpointSlice => ({
  metadata: { name: 'web-x', namespace: 'team', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [...addresses], conditions: ready === undefined ? {} : { ready } }],
  ...more,
})
const ask = (name: string, found: Service, slices: readonly EndpointSlice[] = [], forAddresses = true) =>
  resolveName(
    { labels: name.split('.'), forAddresses, bytes: Buffer.alloc(0) },
    { services: new Map([['team/web', found]]), slices: new Map(slices.map((each, index) => [String(index), each])) },
  )
const whole = 'web.team.svc.cluster.local'
const unknown = { code: 'no such name' }

test('a Service has the address of the cluster, by its whole name only', () => {
  expect(ask(whole, service('10.1.1.1'))).toEqual({ code: 'answered', addresses: ['10.1.1.1'] })
  for (const name of ['web', 'web.team', 'web.team.svc', 'web.other.svc.cluster.local', 'svc.cluster.local', `x.${whole}`, 'example.org'])
    expect(ask(name, service('10.1.1.1'))).toEqual(unknown)
})

test('who asks for another kind of address hears that the name exists', () => {
  expect(ask(whole, service('10.1.1.1'), [], false)).toEqual({ code: 'answered', addresses: [] })
})

test('a headless Service has the addresses of its ready endpoints', () => {
  const slices = [
    slice(['10.2.0.1', '10.2.0.2'], true),
    slice(['10.2.0.2', '10.2.0.3']),
    slice(['10.2.0.4'], false),
    slice(['fd00::1'], true, { addressType: 'IPv6' }),
    slice(['10.2.0.5'], true, { metadata: { name: 'web-x', namespace: 'other', labels: { 'kubernetes.io/service-name': 'web' } } }),
    slice([], true, { endpoints: null }),
  ]
  expect(ask(whole, service('None'), slices)).toEqual({ code: 'answered', addresses: ['10.2.0.1', '10.2.0.2', '10.2.0.3'] })
  expect(ask(whole, service('None'))).toEqual({ code: 'answered', addresses: [] })
})

test('a Service without an address has no name', () => {
  expect(ask(whole, service())).toEqual(unknown)
})
