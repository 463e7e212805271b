import { expect, test } from 'vitest'
import { connect } from './connect.ts'
import { isAllowed, missingPermissions, parseResource } from './permissions.ts'
import { workbench } from './testing/workbench.ts'

const RULES = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
const ACCESS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

test.each([
  ['pods', { group: '', resource: 'pods', subresource: '' }],
  ['pods/log', { group: '', resource: 'pods', subresource: 'log' }],
  ['apps/deployments', { group: 'apps', resource: 'deployments', subresource: '' }],
  ['apps/deployments/scale', { group: 'apps', resource: 'deployments', subresource: 'scale' }],
  ['networking.k8s.io/networkpolicies', { group: 'networking.k8s.io', resource: 'networkpolicies', subresource: '' }],
])('%s names group, resource and subresource', (name, parts) => {
  expect(parseResource(name)).toEqual(parts)
})

test('a rule for named objects only, another group or another subresource does not allow', () => {
  const pods = parseResource('pods')
  expect(isAllowed([{ verbs: ['*'], apiGroups: [''], resources: ['*'] }], pods, 'get')).toBe(true)
  expect(isAllowed([{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] }], pods, 'get')).toBe(false)
  expect(isAllowed([{ verbs: ['get'], apiGroups: ['apps'], resources: ['pods'] }], pods, 'get')).toBe(false)
  expect(isAllowed([{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }], parseResource('pods/log'), 'get')).toBe(false)
})

test('what is missing is named with its verbs and the namespace', async () => {
  await using parts = await workbench()
  parts.api.respond(RULES, { status: 201, body: { status: { resourceRules: [{ verbs: ['get'], apiGroups: ['', 'batch'], resources: ['pods', 'jobs'] }] } } })
  parts.api.respond(ACCESS, { status: 201, body: { status: { allowed: false } } })
  const { client } = await connect({ kubeconfig: await parts.kubeconfig() })
  const missing = await missingPermissions(client, { namespace: 'n', required: { pods: ['get'], 'batch/jobs': ['get', 'create', 'delete'] } })
  expect(missing).toEqual(['Davit may not create, delete batch/jobs in namespace n.'])
  expect(await missingPermissions(client, { namespace: undefined, required: { pods: ['get'] } })).toEqual(['Davit may not get pods in all namespaces.'])
  await client.close()
})
