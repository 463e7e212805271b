import { copyFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
// oxlint-disable-next-line no-restricted-imports -- the testbed is no package: it has no other name
import { openCluster, type OwnCluster } from '../../../../../../testbed/kubernetes/index.ts'
import { type Connected, connect } from '../client/connect.ts'
import { LABEL } from '../labels.ts'
import { clusterCache, type OwnedClusterCache } from './cluster-cache.ts'

const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims'

let cluster: OwnCluster
let connected: Connected

beforeAll(async () => {
  cluster = await openCluster({ nodes: 0 })
  connected = await connect({ kubeconfig: cluster.kubeconfig, env: process.env })
})
afterAll(async () => {
  await connected?.client.close()
  await cluster?.close()
})

const make = (name: string): Promise<string> =>
  cluster.kubectl(
    ['apply', '--server-side', '-f', '-'],
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'default', labels: { [LABEL.installation]: 'faults', [LABEL.run]: `run-${name}` } },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Mi' } } },
    }),
  )
const until = (what: () => unknown): Promise<unknown> => vi.waitFor(async () => expect(await what()).toBeTruthy(), { timeout: 90_000, interval: 50 })
const isFresh = ({ assertFresh }: OwnedClusterCache): boolean => {
  try {
    assertFresh()
    return true
  } catch {
    return false
  }
}

async function watched(body: (cache: OwnedClusterCache) => Promise<void>, client = connected.client): Promise<void> {
  const cache = clusterCache({ client, namespace: 'default', installation: 'faults', staleMs: 1_000 })
  try {
    await cache.synced(30_000)
    await body(cache)
  } finally {
    await cache.close()
  }
}

test('an API server that is killed and comes back is followed on, with all that it did before we were back', () =>
  watched(async (cache) => {
    await make('before')
    await until(() => cache.kept.claims.get('default', 'before'))
    const server = cluster.component('kube-apiserver')
    await server.signal('SIGKILL')
    await until(() => !isFresh(cache))
    expect(cache.assertFresh).toThrow(/have not been seen since .*connection/)
    await server.start()
    await until(() =>
      make('after').then(
        () => true,
        () => false,
      ),
    )
    await until(() => cache.kept.claims.get('default', 'after') && isFresh(cache))
    expect(cache.kept.claims.of('run-before').length).toBe(1)
  }))

test('an API server that is stopped ends calls by their timeout, and is no evidence from then on, until it goes on', () =>
  watched(async (cache) => {
    const ask = (): Promise<unknown> => connected.client.request({ method: 'GET', path: CLAIMS, timeoutMs: 1_000 })
    await ask()
    const server = cluster.component('kube-apiserver')
    await server.signal('SIGSTOP')
    await expect(ask()).rejects.toMatchObject({ code: 'timeout' })
    // A watch that was heard while the first call waited is left alone; the next call tells.
    await until(() =>
      ask().then(
        () => false,
        () => !isFresh(cache),
      ),
    )
    await server.signal('SIGCONT')
    await until(() => isFresh(cache))
    await ask()
  }))

test('credentials that ended are told, and used again once they are renewed, by calls and watches', async () => {
  await cluster.kubectl(['create', 'serviceaccount', 'short'])
  await cluster.kubectl(['create', 'clusterrolebinding', 'short', '--clusterrole=cluster-admin', '--serviceaccount=default:short'])
  const tokenFor = (validSeconds: number): Promise<string> => cluster.tokenKubeconfig({ namespace: 'default', serviceAccount: 'short', validSeconds })
  const kubeconfig = await tokenFor(8)
  const short = await connect({ kubeconfig, env: process.env })
  await watched(async (cache) => {
    cache.assertFresh()
    const ask = (): Promise<unknown> => short.client.request({ method: 'GET', path: CLAIMS })
    await until(() =>
      ask().then(
        () => false,
        ({ status }) => status === 401,
      ),
    )
    await expect(connect({ kubeconfig, env: process.env })).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringContaining(kubeconfig) })
    await copyFile(await tokenFor(600), kubeconfig)
    await sleep(2_100)
    await ask()
    await cluster.component('kube-apiserver').signal('SIGKILL')
    await cluster.component('kube-apiserver').start()
    await until(() =>
      make('renewed').then(
        () => true,
        () => false,
      ),
    )
    await until(() => cache.kept.claims.get('default', 'renewed') && isFresh(cache))
  }, short.client)
  await short.client.close()
})
