import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { signalProcess } from '../../packages/server/src/supervise/stop-process.ts'
import { waitUntil } from '../../packages/server/src/supervise/wait-until.ts'
import { findHolder } from './holder.ts'
import { attachCluster, closeCluster, openCluster } from './index.ts'
import { clusterPaths, nodePaths } from './layout.ts'
import { addedSince, networkHere, runDriver, startDriver, tracesOf } from './lifecycle-fixture.ts'

const names = ['one', 'two', 'cut'].map((name) => `${name}-${process.pid}`)
const [one = '', two = '', cut = ''] = names
/** So that the run removes what an interrupted test leaves. */
const ours = ['--owner', String(process.pid)]
const owner = process.pid

afterEach(async () => {
  for (const name of names) await closeCluster(name)
})

test('two clusters run side by side, each with its own objects, and leave nothing when they go', async () => {
  const before = await networkHere()
  const first = await openCluster({ name: one, owner })
  const second = await openCluster({ name: two, kwok: 3, owner })
  await first.kubectl(['create', 'configmap', 'mine'])
  expect(await first.kubectl(['get', 'configmaps', '-o', 'name'])).toContain('configmap/mine')
  expect(await second.kubectl(['get', 'configmaps', '-o', 'name'])).not.toContain('configmap/mine')
  expect((await second.kubectl(['get', 'nodes', '-o', 'name'])).trim().split('\n')).toHaveLength(3)
  expect(await addedSince(before)).toEqual([])
  await first.close()
  await second.close()
  expect([...(await tracesOf(one)), ...(await tracesOf(two))]).toEqual([])
  expect(await addedSince(before)).toEqual([])
})

test('an `up` that is killed in the middle is cleaned up by `down`, and made whole by the next `up`', async () => {
  for (const moment of ['holder', 'apiserver'] as const) {
    const driver = startDriver('up', '--name', cut, ...ours)
    const node = nodePaths(clusterPaths(cut), 0)
    const isThere = async () =>
      findHolder(node) && (moment === 'holder' || (await tracesOf(cut)).some((trace) => trace.endsWith(`of ${clusterPaths(cut).dir}`)))
    expect(await waitUntil(isThere, { timeout: 60_000, every: 5 })).toBeTruthy()
    driver.kill('SIGKILL')
    await once(driver, 'close')
    expect(await attachCluster(cut)).toBeUndefined()
    if (moment === 'holder') expect((await runDriver('down', '--name', cut)).code).toBe(0)
    if (moment === 'holder') expect(await tracesOf(cut)).toEqual([])
  }
  const again = await runDriver('up', '--name', cut, ...ours)
  expect(again.stdout).toContain('export KUBECONFIG=')
  expect((await runDriver('status')).stdout).toContain(`${cut}: kubeconfig`)
})

test('whatever of a cluster is killed, `down` removes the rest', async () => {
  const cluster = await openCluster({ name: one, owner })
  await cluster.kubectl(['run', 'sleeper', '--image=localhost/davit/busybox:1', '--restart=Never', '--', 'sleep', '1000'])
  await cluster.kubectl(['wait', '--for=condition=Ready', 'pod/sleeper', '--timeout=60s'])
  for (const name of ['kubelet', 'containerd', 'etcd'] as const) await cluster.component(name).signal('SIGKILL')
  await cluster.component('kube-apiserver').signal('SIGSTOP')
  await cluster.close()
  expect(await tracesOf(one)).toEqual([])
})

test('the cluster of a process that was killed is removed by the next who opens one', async () => {
  const script = `import { openCluster } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)}
    await openCluster({ name: ${JSON.stringify(one)}, kwok: 1, owner: process.pid })
    process.kill(process.pid, 'SIGKILL')`
  const { spawn } = await import('node:child_process')
  const child = spawn(process.execPath, ['--conditions=@davit/source', '--input-type=module', '-e', script], { stdio: 'ignore' })
  await once(child, 'close')
  expect(await attachCluster(one)).toBeDefined()
  const other = await openCluster({ name: two, kwok: 1, owner })
  expect(await tracesOf(one)).toEqual([])
  await other.close()
})

test('a cluster whose first process is killed is gone as a whole, and `up` makes a new one', async () => {
  const cluster = await openCluster({ name: one, kwok: 1, owner })
  const holder = findHolder(nodePaths(clusterPaths(one), 0))
  if (holder) signalProcess(holder, 'SIGKILL')
  const relayEnded = async () => (await tracesOf(one)).every((trace) => !trace.startsWith('process'))
  expect(await waitUntil(relayEnded, { timeout: 10_000, every: 50 })).toBe(true)
  await expect(cluster.kubectl(['get', 'nodes'])).rejects.toThrow(/connection .*refused|reset|EOF/)
  const again = await openCluster({ name: one, kwok: 1, owner })
  expect(await again.kubectl(['get', 'nodes', '-o', 'name'])).toContain('node/fake-0001')
})
