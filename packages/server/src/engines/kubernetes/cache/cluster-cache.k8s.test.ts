import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
// oxlint-disable-next-line no-restricted-imports -- the testbed is no package: it has no other name
import { reuseOrOpenCluster, type TestCluster } from '../../../../../../testbed/kubernetes/index.ts'
import { type Connected, connect } from '../client/connect.ts'
import { missingPermissions } from '../client/permissions.ts'
import { refusalOf } from '../client/refusal.ts'
import { kubeconfigOf } from '../client/testing/workbench.ts'
import { LABEL } from '../labels.ts'
import type { Claim, KubeObject } from '../objects.ts'
import { clusterCache } from './cluster-cache.ts'

const NAMESPACE = `davit-cache-${process.pid}`
const CLAIMS = `/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims`
const MANY = 620

let cluster: TestCluster
let connected: Connected

const claim = (name: string, run: string): KubeObject & { spec: object } => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, labels: { [LABEL.installation]: 'cache-test', [LABEL.run]: run } },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'no-such-class', resources: { requests: { storage: '1Mi' } } },
})
const apply = (name: string, run: string): Promise<Claim> =>
  connected.client.request({ method: 'PATCH', path: `${CLAIMS}/${name}`, query: { fieldManager: 'davit', force: true }, body: claim(name, run) })
const watching = () => clusterCache({ client: connected.client, namespace: NAMESPACE, installation: 'cache-test' })
const until = (what: () => unknown): Promise<unknown> => vi.waitFor(() => expect(what()).toBeTruthy(), { timeout: 60_000, interval: 20 })

beforeAll(async () => {
  cluster = await reuseOrOpenCluster()
  await cluster.kubectl(['create', 'namespace', NAMESPACE])
  connected = await connect({ kubeconfig: cluster.kubeconfig, env: process.env })
})
afterAll(async () => {
  await connected?.client.close()
  await cluster?.kubectl(['delete', 'namespace', NAMESPACE, '--wait=false'])
  await cluster?.close()
})

test('more objects than a page holds are all listed, and all told', async () => {
  const names = Array.from({ length: MANY }, (_, index) => `c${index}`)
  for (let start = 0; start < MANY; start += 20) await Promise.all(names.slice(start, start + 20).map((name) => apply(name, `run-${name}`)))
  const cache = watching()
  const told = new Set<string>()
  cache.onChange((run) => told.add(run))
  await cache.synced(30_000)
  cache.assertFresh()
  expect([[...cache.kept.claims.all()].length, told.size]).toEqual([MANY, MANY])
  await connected.client.request({ method: 'DELETE', path: CLAIMS, timeoutMs: 60_000 })
  await until(() => [...cache.kept.claims.all()].length === 0)
  await cache.close()
})

test('a write is seen at once; what the watch says of it later is nothing new', async () => {
  const cache = watching()
  await cache.synced(30_000)
  const told: string[] = []
  cache.onChange((run) => told.push(run))
  const made = await apply('one', 'run-one')
  cache.put(made)
  expect(cache.kept.claims.of('run-one').map(({ metadata }) => metadata.uid)).toEqual([made.metadata.uid])
  await until(() => cache.kept.claims.get(NAMESPACE, 'one')?.status?.phase === 'Pending')
  await until(() => cache.eventsOf(made).some(({ reason }) => reason === 'ProvisioningFailed'))
  await cluster.kubectl(['delete', 'persistentvolumeclaim', 'one', '--namespace', NAMESPACE])
  await until(() => cache.kept.claims.of('run-one').length === 0)
  await cache.close()
})

test('what the API server refuses comes in its own words', async () => {
  const wrong = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'taken' }, spec: { ports: [{ port: 1, nodePort: 1 }], type: 'NodePort' } }
  const post = (namespace: string, body: object): Promise<unknown> =>
    connected.client.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/services`, body })
  expect(refusalOf(await post(NAMESPACE, wrong).catch((error: unknown) => error))).toMatchObject({
    code: 'config-refused',
    evidence: [expect.stringContaining('valid ports is')],
  })
  expect(refusalOf(await post('davit-no-such-namespace', wrong).catch((error: unknown) => error))).toMatchObject({ code: 'namespace-missing' })
})

test('a user without rights is told which verbs are missing', async () => {
  const kubeconfig = await cluster.userKubeconfig({ user: 'davit-cache-nobody' })
  const nobody = await connect({ kubeconfig })
  const required = { 'batch/jobs': ['create', 'watch'], 'pods/log': ['get'] }
  expect(await missingPermissions(nobody.client, { namespace: NAMESPACE, required })).toEqual([
    `Davit may not create, watch batch/jobs in namespace ${NAMESPACE}.`,
    `Davit may not get pods/log in namespace ${NAMESPACE}.`,
  ])
  expect(await missingPermissions(connected.client, { namespace: NAMESPACE, required })).toEqual([])
  const cache = clusterCache({ client: nobody.client, namespace: NAMESPACE, installation: 'x' })
  await until(() => cache.health().every(({ lastError }) => /cannot list resource/.test(String(lastError))))
  expect(() => cache.assertFresh()).toThrow(/were not read yet: .*cannot list resource/)
  await cache.close()
  await nobody.client.close()
})

test('a server whose certificate is not of the authority that the kubeconfig names is refused', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'davit-tls-'))
  await writeFile(`${dir}/config`, kubeconfigOf(connected.client.server))
  await expect(connect({ kubeconfig: `${dir}/config` })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/TLS certificate cannot be verified/),
  })
  await rm(dir, { recursive: true })
})
