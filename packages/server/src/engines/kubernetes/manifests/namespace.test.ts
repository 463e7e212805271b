import { expect, test } from 'vitest'
import { namespaceManifests } from './namespace.ts'

const of = (extras: Partial<Parameters<typeof namespaceManifests>[1]> = {}) => namespaceManifests('p', { installation: 'i', namespace: 'davit-p', ...extras })
const kinds = (...args: Parameters<typeof of>) => of(...args).map(({ kind, metadata }) => `${kind} ${metadata.name}`)

test('a project’s namespace says whose it is, and nothing more where nothing is asked', () => {
  expect(of()).toEqual([
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'davit-p', labels: { 'app.kubernetes.io/managed-by': 'davit', 'davit.dev/installation': 'i', 'davit.dev/project': 'p' } },
    },
  ])
})

test('it enforces a Pod Security level', () => {
  expect(of({ podSecurity: 'restricted' })[0]?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' })
})

test('a quota on CPU does not refuse runs that ask for none, nor throttle them', () => {
  const [, quota, limits] = of({ quota: { 'requests.cpu': '8', pods: '50' } })
  expect(quota).toMatchObject({ kind: 'ResourceQuota', metadata: { namespace: 'davit-p' }, spec: { hard: { 'requests.cpu': '8', pods: '50' } } })
  expect(limits).toMatchObject({ kind: 'LimitRange', spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '100m' } }] } })
  expect(kinds({ quota: { pods: '50' } })).toEqual(['Namespace davit-p', 'ResourceQuota davit'])
})

test('a quota on limits does not refuse runs that ask for none: they are held to what it allows', () => {
  const limitsOf = (quota: Record<string, string>) => of({ quota }).find(({ kind }) => kind === 'LimitRange')?.spec
  expect(limitsOf({ 'limits.cpu': '8', 'limits.memory': '16Gi' })).toEqual({
    limits: [{ type: 'Container', defaultRequest: { cpu: '100m', memory: '128Mi' }, default: { cpu: '1', memory: '1Gi' } }],
  })
  expect(limitsOf({ 'limits.memory': '512Mi', 'requests.cpu': '50m' })).toEqual({
    limits: [{ type: 'Container', defaultRequest: { cpu: '50m', memory: '128Mi' }, default: { memory: '512Mi' } }],
  })
})

test('other projects cannot call in; what is open to the outside stays open', () => {
  expect(kinds({ networkPolicy: true })).toEqual(['Namespace davit-p', 'NetworkPolicy davit', 'NetworkPolicy davit-exposed'])
  const [, all, exposed] = of({ networkPolicy: true })
  expect(all?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] })
  expect(exposed?.spec).toMatchObject({ podSelector: { matchLabels: { 'davit.dev/exposed': 'true' } }, ingress: [{}] })
})

test('a closed namespace calls out only for names', () => {
  const [, all] = of({ networkPolicy: 'closed' })
  expect(all?.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], egress: [{ to: [{ podSelector: {} }] }, { ports: [{ port: 53 }, { port: 53 }] }] })
})
