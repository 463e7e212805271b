import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import { openCluster, type OwnCluster } from './index.ts'

let cluster: OwnCluster
beforeAll(async () => {
  cluster = await openCluster({ nodes: 2 })
})
afterAll(() => cluster.close())

const answers = () =>
  cluster.kubectl(['get', 'nodes', '--request-timeout=2s', '-o', 'name']).then(
    () => true,
    () => false,
  )
const readyNodes = async () => (await cluster.kubectl(['get', 'nodes', '--no-headers'])).split('\n').filter((line) => / Ready /.test(line)).length

test('an API server that is stopped does not answer, and goes on where it was', async () => {
  const server = cluster.component('kube-apiserver')
  await server.signal('SIGSTOP')
  expect(server.state()).toBe('stopped')
  expect(await answers()).toBe(false)
  await server.signal('SIGCONT')
  expect(server.state()).toBe('running')
  expect(await waitUntil(answers, { timeout: 30_000, every: 200 })).toBe(true)
})

test('every component can be killed and started again with the same arguments', async () => {
  await cluster.kubectl(['create', 'configmap', 'kept'])
  for (const component of cluster.components) {
    const before = component.pid()
    await component.signal('SIGKILL')
    expect(component.state()).toBe('gone')
    await component.start()
    expect(component.pid()).not.toBe(before)
  }
  const keptOne = () => cluster.kubectl(['get', 'configmap', 'kept', '-o', 'name']).catch(() => undefined)
  expect(await waitUntil(keptOne, { timeout: 60_000, every: 200 })).toContain('kept')
  expect(await waitUntil(async () => (await readyNodes().catch(() => 0)) === 2, { timeout: 60_000, every: 200 })).toBe(true)
  // The nodes were ready before, too: that its controllers work again shows in what they make.
  await cluster.kubectl(['create', 'namespace', 'controlled'])
  const account = () => cluster.kubectl(['-n', 'controlled', 'get', 'serviceaccount', 'default', '-o', 'name']).catch(() => undefined)
  expect(await waitUntil(account, { timeout: 60_000, every: 200 })).toContain('default')
})

test('an API server that is started in the moment it is dead has its port, and stays', async () => {
  const server = cluster.component('kube-apiserver')
  for (let round = 0; round < 6; round++) {
    await server.signal('SIGKILL')
    await server.start()
    expect(await waitUntil(answers, { timeout: 30_000, every: 200 }), (await server.tail(2)).join('\n')).toBe(true)
  }
  expect(cluster.component('kube-controller-manager').state()).toBe('running')
})

test('a node whose kubelet is gone is not ready any more, and is again when it is back', async () => {
  await cluster.component('kubelet', 'n2').signal('SIGKILL')
  expect(await waitUntil(async () => (await readyNodes()) === 1, { timeout: 90_000, every: 500 })).toBe(true)
  await cluster.component('kubelet', 'n2').start()
  expect(await waitUntil(async () => (await readyNodes()) === 2, { timeout: 60_000, every: 500 })).toBe(true)
})

test('what a test left stopped or killed is repaired by whoever opens the cluster next', async () => {
  await cluster.component('kube-scheduler').signal('SIGKILL')
  await cluster.component('etcd').signal('SIGSTOP')
  await openCluster({ name: cluster.name, nodes: 2 })
  expect(cluster.components.map((component) => component.state())).toEqual(cluster.components.map(() => 'running'))
  expect(await cluster.kubectl(['get', 'configmap', 'kept', '-o', 'name'])).toContain('kept')
})
