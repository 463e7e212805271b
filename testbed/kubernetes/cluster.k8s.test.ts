import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import { testImageName } from '../images/index.ts'
import { isOwn, reuseOrOpenCluster, STORAGE_CLASS, type TestCluster } from './index.ts'

let cluster: TestCluster
const namespace = `testbed-${process.pid}`
const kubectl = (...args: readonly string[]) => cluster.kubectl(['--namespace', namespace, ...args])
const apply = (object: object) => cluster.kubectl(['--namespace', namespace, 'apply', '-f', '-'], JSON.stringify(object))

beforeAll(async () => {
  cluster = await reuseOrOpenCluster()
  await cluster.kubectl(['create', 'namespace', namespace])
  const account = () => kubectl('get', 'serviceaccount', 'default').catch(() => undefined)
  if (!(await waitUntil(account, { timeout: 30_000, every: 100 }))) throw new Error('the new namespace has no account to run pods as')
})
afterAll(async () => {
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false'])
  await cluster.close()
})

const container = (script: string, more: object = {}) => ({ name: 'main', image: testImageName(), command: ['sh', '-c', script], ...more })
const pod = (name: string, script: string, spec: object = {}, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [container(script, more)], ...spec },
})
const ended = (name: string) => kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '--timeout=60s')

const canBreak = () => {
  if (!isOwn(cluster)) throw new Error('only on a cluster of the testbed: unset DAVIT_TEST_KUBECONFIG')
  return cluster
}

test('a pod runs and its log can be read', async () => {
  await apply(pod('says', 'echo hello'))
  await ended('says')
  expect(await kubectl('logs', 'says')).toBe('hello\n')
})

test('its nodes run the containerd that was built for them, and none of the machine', async () => {
  canBreak()
  const module = await readFile(new URL('go/containerd/go.mod', import.meta.url), 'utf8')
  const [, version] = /containerd\/containerd\/v2 v(\S+)/.exec(module) ?? []
  const running = await kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].status.nodeInfo.containerRuntimeVersion}')
  for (const each of running.split(' ')) expect(each.split('+')[0]).toBe(`containerd://${version}`)
})

test('a claim of the class of the testbed is bound, and its volume keeps what is written', async () => {
  const spec = { storageClassName: STORAGE_CLASS, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  await apply({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec })
  const volumes = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }
  const mounts = { volumeMounts: [{ name: 'data', mountPath: '/data' }] }
  await apply(pod('writes', 'echo kept > /data/file', volumes, mounts))
  await ended('writes')
  await apply(pod('reads', 'cat /data/file', volumes, mounts))
  await ended('reads')
  expect(await kubectl('logs', 'reads')).toBe('kept\n')
})

test('a Service answers at its address, from a pod', async () => {
  await apply(pod('web', 'exec httpd -f -p 8080 -h /www'))
  await kubectl('expose', 'pod', 'web', '--port=80', '--target-port=8080')
  await kubectl('wait', '--for=condition=Ready', 'pod/web', '--timeout=60s')
  const address = await kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}')
  await apply(pod('asks', `for i in 1 2 3 4 5 6 7 8 9 10; do wget -qO- http://${address}/ && exit 0; sleep 1; done; exit 1`))
  await ended('asks')
  expect(await kubectl('logs', 'asks')).toContain('It runs.')
})

test('a user may do nothing until RBAC allows it, and what the user asks for is in the audit log', async () => {
  const user = `ann-${process.pid}`
  const kubeconfig = await cluster.userKubeconfig({ user, groups: ['testers'] })
  const asUser = (...args: readonly string[]) => cluster.kubectl([`--kubeconfig=${kubeconfig}`, '--namespace', namespace, ...args])
  await expect(asUser('get', 'pods')).rejects.toThrow(/forbidden: User "ann-/)
  await kubectl('create', 'rolebinding', 'testers', '--clusterrole=view', '--group=testers')
  expect(await waitUntil(() => asUser('get', 'pods').catch(() => undefined), { timeout: 20_000, every: 200 })).toBeDefined()
  await expect(asUser('delete', 'pod', '--all')).rejects.toThrow(/forbidden/)
  if (isOwn(cluster)) expect(await readFile(cluster.auditLog, 'utf8')).toContain(user)
})

test('a token ends when its time is over', async () => {
  const own = canBreak()
  await kubectl('create', 'rolebinding', 'robots', '--clusterrole=view', `--serviceaccount=${namespace}:default`)
  const kubeconfig = await own.tokenKubeconfig({ namespace, serviceAccount: 'default', validSeconds: 8 })
  const ask = () => own.kubectl([`--kubeconfig=${kubeconfig}`, '--namespace', namespace, 'get', 'pods', '-o', 'name'])
  expect(await waitUntil(() => ask().catch(() => undefined), { timeout: 7_000, every: 100 })).toBeDefined()
  // The API server believes for a while longer what it has checked.
  const refused = await waitUntil(() => ask().then(() => undefined, String), { timeout: 60_000, every: 500 })
  expect(refused).toMatch(/logged in|Unauthorized/)
})

test('an image is pulled from the registry of the testbed', async () => {
  const own = canBreak()
  const image = await own.push(testImageName(), `team/pulled:${process.pid}`)
  await apply(pod('pulled', 'echo pulled', { nodeName: 'n1' }, { image, imagePullPolicy: 'Always' }))
  await ended('pulled')
  expect(await kubectl('logs', 'pulled')).toBe('pulled\n')
})

test('nothing that a pod or a program of the cluster sends can leave it', async () => {
  const own = canBreak()
  await apply(pod('leaves', 'wget -qO- http://192.0.2.1/ || echo kept in'))
  await ended('leaves')
  expect(await kubectl('logs', 'leaves')).toMatch(/Network is unreachable/)
  expect(own.inside(['true'])[0]).toBe('nsenter')
})
