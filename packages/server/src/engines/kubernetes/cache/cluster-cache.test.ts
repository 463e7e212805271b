import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { connect } from '../client/connect.ts'
import type { FaultRule } from '../client/testing/api-proxy.ts'
import type { FakeObject } from '../client/testing/fake-api.ts'
import { type Workbench, workbench } from '../client/testing/workbench.ts'
import type { KubeClient } from '../cluster.ts'
import { ANNOTATION, LABEL } from '../labels.ts'
import { ALIAS_OF } from '../manifests/services.ts'
import type { Job, KubeObject } from '../objects.ts'
import { type ClusterCacheDeps, clusterCache, type OwnedClusterCache } from './cluster-cache.ts'

const job = (name: string, run: string, more: object = {}): FakeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, labels: { [LABEL.installation]: 'me', [LABEL.run]: run } },
  ...more,
})

interface Bench extends Workbench {
  readonly client: KubeClient
  readonly cache: OwnedClusterCache
  /** Run ids told so far. */
  readonly told: string[]
  /** What the API answers as an object of ours. */
  asJob(object: FakeObject): Job
}

const until = (what: () => unknown): Promise<unknown> => vi.waitFor(() => expect(what()).toBeTruthy(), { timeout: 10_000, interval: 10 })
const names = (cache: OwnedClusterCache): string[] => [...cache.kept.jobs.all()].map(({ metadata }) => metadata.name).sort()
const forJobs = ({ url }: { url: string }): boolean => url.includes('/jobs')
const watchOfJobs = (request: { url: string; watch: boolean }): boolean => forJobs(request) && request.watch
const listOfJobs = (request: { url: string; watch: boolean }): boolean => forJobs(request) && !request.watch

async function bench(body: (parts: Bench) => Promise<void>, options: Partial<ClusterCacheDeps> & { before?: (parts: Workbench) => void } = {}): Promise<void> {
  await using parts = await workbench()
  options.before?.(parts)
  const { client } = await connect({ kubeconfig: await parts.kubeconfig(), check: false })
  const cache = clusterCache({ client, namespace: 'default', installation: 'me', random: () => 0, ...options })
  const told: string[] = []
  cache.onChange((run) => told.push(run))
  try {
    await cache.synced(options.before ? 300 : 10_000)
    await until(() => options.before || parts.api.watchers('jobs') === 1)
    await body(Object.assign(parts, { client, cache, told, asJob: (object: FakeObject) => object as unknown as Job }))
  } finally {
    await cache.close()
    await client.close()
  }
}

test('objects of ours are known by name and run, others are not', () =>
  bench(async ({ api, cache, told }) => {
    api.put('jobs', job('a', 'r1', { status: { active: 1 }, spec: { suspend: false, template: { huge: true } } }))
    api.put('jobs', { metadata: { name: 'foreign', labels: { [LABEL.installation]: 'other' } } })
    api.put('pods', { ...job('a-1', 'r1'), kind: 'Pod' })
    await until(() => cache.kept.pods.of('r1').length === 1)
    expect(cache.kept.jobs.of('r1').map(({ metadata }) => metadata.name)).toEqual(['a'])
    expect(cache.kept.jobs.get('default', 'a')).toMatchObject({ apiVersion: 'batch/v1', kind: 'Job', spec: { suspend: false }, status: { active: 1 } })
    expect(cache.kept.jobs.get('default', 'a')?.spec).not.toHaveProperty('template')
    expect([names(cache), new Set(told)]).toEqual([['a'], new Set(['r1'])])
    api.remove('jobs', 'a')
    await until(() => cache.kept.jobs.of('r1').length === 0)
    cache.assertFresh()
  }))

test('a list comes in pages, whole', () =>
  bench(
    async ({ cache, told, proxy }) => {
      await cache.synced(5_000)
      expect(names(cache).length).toBe(25)
      expect(proxy.seen.filter(listOfJobs).length).toBe(3)
      expect(new Set(told).size).toBe(25)
    },
    { pageSize: 10, before: ({ api }) => Array.from({ length: 25 }, (_, i) => api.put('jobs', job(`j${i}`, `r${i}`))) },
  ))

test('a watch that ends in good order goes on where it was, without a list', () =>
  bench(async ({ api, cache, proxy }) => {
    await sleep(1_100) // shorter ones count as failed
    api.endWatches()
    api.put('jobs', job('a', 'r1'))
    await until(() => names(cache).includes('a'))
    await until(() => api.watchers('jobs') === 1)
    expect(proxy.seen.filter(listOfJobs).length).toBe(1)
    cache.assertFresh()
  }))

/** Ends all watches, and does this to what comes then. */
const reopened =
  (rule: FaultRule) =>
  ({ proxy, api }: Bench): void => {
    proxy.inject(rule)
    api.endWatches()
  }

test.each([
  ['broken connections', ({ proxy }: Bench) => proxy.cutAll()],
  ['a watch cut within a line', reopened({ times: 1, match: watchOfJobs, fault: { cutAfterLines: 0 } })],
  ['a watch that ends within a line', reopened({ times: 1, match: watchOfJobs, fault: { cutAfterLines: 0, end: true } })],
  ['lines that are no JSON', reopened({ times: 1, match: watchOfJobs, fault: { lines: () => ['{"type":'] } })],
  ['events without an object', reopened({ times: 1, match: watchOfJobs, fault: { lines: () => ['{"type":"ADDED"}'] } })],
  ['an ERROR event', ({ api }: Bench) => api.sendError('jobs', 500, 'etcdserver: leader changed')],
  ['an ERROR event with 410', ({ api }: Bench) => api.sendError('jobs', 410, 'too old resource version')],
  ['500 to watches and lists', reopened({ times: 4, match: forJobs, fault: { answer: 500 } })],
  ['429 with Retry-After', reopened({ times: 2, match: forJobs, fault: { answer: 429, retryAfter: 1 } })],
  ['401 for a while', reopened({ times: 3, match: forJobs, fault: { answer: 401, reason: 'Unauthorized' } })],
  ['watches and lists reset', reopened({ times: 3, match: forJobs, fault: { reset: 'before' } })],
  ['events that come twice, and old ones again', reopened({ match: watchOfJobs, fault: { lines: againAndAgain() } })],
  [
    '410 to watches, the past forgotten',
    ({ api }: Bench) => {
      api.put('pods', { metadata: { name: 'x' } })
      api.compact()
      api.endWatches()
    },
  ],
])('after %s everything that happened meanwhile is known', (_, happen) =>
  bench(async (parts) => {
    const { api, cache } = parts
    api.put('jobs', job('a', 'r1', { status: { active: 1 } }))
    api.put('jobs', job('b', 'r2'))
    await until(() => names(cache).length === 2)
    happen(parts)
    api.remove('jobs', 'b')
    api.put('jobs', job('c', 'r3'))
    api.put('jobs', job('a', 'r1', { status: { succeeded: 1 } }))
    await until(() => names(cache).join() === 'a,c' && cache.kept.jobs.get('default', 'a')?.status?.succeeded === 1)
    api.put('jobs', job('d', 'r4'))
    await until(() => names(cache).includes('d'))
    cache.assertFresh()
  }),
)

/** Each line twice, then the one before it again. */
function againAndAgain(): (line: string) => readonly string[] {
  let before: string[] = []
  return (line) => {
    const sent = [line, line, ...before]
    before = [line]
    return sent
  }
}

/** Why nothing is evidence; empty: it is. */
const staleness = ({ assertFresh }: OwnedClusterCache): string => {
  try {
    assertFresh()
    return ''
  } catch (error) {
    return String(error)
  }
}

test('while the watch stays broken nothing is evidence, and the error says why', () =>
  bench(
    async ({ cache, proxy, api }) => {
      await until(() => staleness(cache) === '')
      proxy.inject({ match: forJobs, fault: { answer: 403, reason: 'Forbidden', message: 'jobs is forbidden: User "x" cannot watch' } })
      api.sendError('jobs', 500, 'etcdserver: leader changed')
      await until(() => /jobs of the cluster have not been seen .* cannot watch/.test(staleness(cache)))
      proxy.heal()
      await until(() => staleness(cache) === '')
    },
    { staleMs: 500 },
  ))

test('what was never listed is no evidence', () =>
  bench(async ({ cache }) => expect(() => cache.assertFresh()).toThrow(/jobs of the cluster were not read yet/), {
    before: ({ proxy }) => proxy.inject({ match: forJobs, fault: { hang: true } }),
  }))

test('a watch that goes silent is opened again', () =>
  bench(
    async ({ api, proxy, cache }) => {
      const thaw = proxy.freeze()
      api.put('jobs', job('a', 'r1'))
      await sleep(1_200)
      thaw()
      await until(() => names(cache).includes('a'))
      expect(proxy.seen.filter(watchOfJobs).length).toBeGreaterThan(1)
    },
    { idleMs: 500 },
  ))

test('when a call gets no answer, watches that were silent for as long are opened again, and are no evidence until they stand', () =>
  bench(
    async ({ api, proxy, cache, client }) => {
      const thaw = proxy.freeze()
      api.put('jobs', job('a', 'r1'))
      const late = client.request.bind(client, { method: 'GET', path: '/version', timeoutMs: 300 })
      await expect(late()).rejects.toThrow('did not answer')
      // A watch that was heard while the first call waited is left alone; the next call tells.
      await expect.poll(() => late().then(String, () => staleness(cache)), { timeout: 10_000 }).toMatch(/have not been seen/)
      thaw()
      await until(() => names(cache).includes('a') && staleness(cache) === '')
    },
    { staleMs: 500 },
  ))

test('a call without an answer opens no watch again that has said something since', () =>
  bench(async ({ api, proxy, client }) => {
    proxy.inject({ match: ({ url }) => url === '/version', fault: { hang: true } })
    const late = client.request({ method: 'GET', path: '/version', timeoutMs: 400 })
    await sleep(200)
    const before = proxy.seen.filter(watchOfJobs).length
    api.bookmark('jobs')
    await expect(late).rejects.toThrow('did not answer')
    await sleep(100)
    expect(proxy.seen.filter(watchOfJobs).length).toBe(before)
  }))

test('what a write answered is known at once, told, and not undone by older news', () =>
  bench(async ({ api, cache, told, proxy, asJob }) => {
    const old = asJob(api.put('jobs', job('a', 'r1', { status: { active: 1 } })))
    await until(() => names(cache).includes('a'))
    const pause = proxy.freeze()
    told.length = 0
    const answered = asJob(api.put('jobs', job('a', 'r1', { status: { succeeded: 1 } })))
    cache.put(answered)
    expect([cache.kept.jobs.get('default', 'a')?.status?.succeeded, told]).toEqual([1, ['r1']])
    cache.put(old)
    expect(cache.kept.jobs.get('default', 'a')?.status?.succeeded).toBe(1)
    pause()
    await sleep(100)
    expect([cache.kept.jobs.get('default', 'a')?.status?.succeeded, told]).toEqual([1, ['r1']])
  }))

test('what another installation or nobody of ours made is not taken, though somebody asked for it by its name', () =>
  bench(async ({ cache, told, asJob }) => {
    cache.put(asJob({ ...job('a', 'r1'), metadata: { name: 'a', namespace: 'default', labels: { [LABEL.installation]: 'other', [LABEL.run]: 'r1' } } }))
    cache.put(asJob({ ...job('b', 'r1'), metadata: { name: 'b', namespace: 'default' } }))
    expect([names(cache), told]).toEqual([[], []])
  }))

test('what was removed by us does not come back with late news, but its successor of the same name does', () =>
  bench(async ({ api, cache, proxy, asJob }) => {
    const first = asJob(api.put('jobs', job('a', 'r1')))
    await until(() => names(cache).includes('a'))
    const thaw = proxy.freeze()
    cache.drop(first)
    api.put('jobs', job('a', 'r1', { status: { active: 2 } }))
    thaw()
    await sleep(100)
    expect(names(cache)).toEqual([])
    api.remove('jobs', 'a')
    api.put('jobs', job('a', 'r1'))
    await until(() => names(cache).includes('a'))
    cache.drop(first)
    expect(names(cache)).toEqual(['a'])
  }))

test('a list that was taken before a write does not undo it', () =>
  bench(async ({ api, cache, proxy, asJob }) => {
    api.compact()
    cache.put({
      ...asJob(job('new', 'r9')),
      metadata: { name: 'new', namespace: 'default', uid: 'u9', resourceVersion: '100000', labels: { [LABEL.installation]: 'me', [LABEL.run]: 'r9' } },
    })
    api.sendError('jobs', 410, 'too old')
    await until(() => proxy.seen.filter(listOfJobs).length > 1 && api.watchers('jobs') === 1)
    expect(names(cache)).toEqual(['new'])
  }))

test('a cluster that went back in time is believed', () =>
  bench(async ({ api, cache, told }) => {
    api.put('jobs', job('old', 'r1'))
    const then = api.version
    api.put('jobs', job('lost', 'r2'))
    await until(() => names(cache).length === 2)
    told.length = 0
    api.rewind(then)
    api.sendError('jobs', 504, 'Too large resource version: 9999, current: 100')
    await until(() => names(cache).join() === 'old')
    expect(new Set(told)).toEqual(new Set(['r1', 'r2']))
  }))

test('warnings about objects of ours are kept, newest first, and tell their run; those of others are not', () =>
  bench(async ({ api, cache, told }) => {
    const made = api.put('pods', { ...job('web-1', 'r1'), apiVersion: 'v1', kind: 'Pod' })
    await until(() => cache.kept.pods.of('r1').length === 1)
    told.length = 0
    const warning = (name: string, uid: string, minute: number): FakeObject => ({
      metadata: { name },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'web-1', uid },
      type: 'Warning',
      reason: 'FailedScheduling',
      message: `m${minute}`,
      lastTimestamp: new Date(Date.now() - minute * 60_000).toISOString(),
    })
    for (let minute = 20; minute > 0; minute--) api.put('events', warning(`e${minute}`, made.metadata.uid ?? '', minute))
    api.put('events', warning('old', made.metadata.uid ?? '', 90))
    api.put('events', warning('foreign', 'else', 1))
    await until(() => told.length >= 20)
    const pod = cache.kept.pods.get('default', 'web-1') as KubeObject
    expect(cache.eventsOf(pod).map(({ message }) => message)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10'])
    expect(cache.kept.events.of('r1').length).toBe(10)
    expect([cache.kept.events.get('default', 'foreign'), cache.kept.events.get('default', 'old')]).toEqual([undefined, undefined])
  }))

test('a name that goes from run to run is told to both, and to who may have it when it is given up', () =>
  bench(async ({ api, cache, told }) => {
    const claimant = { ...job('w1', 'r1'), apiVersion: 'apps/v1', kind: 'Deployment' }
    const annotations = { [ANNOTATION.applied]: JSON.stringify({ services: ['shop'] }) }
    api.put('deployments', { ...claimant, metadata: { ...claimant.metadata, annotations } as FakeObject['metadata'] })
    const shop = (run: string): FakeObject => {
      const { metadata } = job('shop', run)
      return { apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, annotations: { [ALIAS_OF]: 'p' } } as FakeObject['metadata'] }
    }
    const toldOf = async (change: () => void): Promise<readonly string[]> => {
      told.length = 0
      change()
      await until(() => told.length > 1)
      return told.toSorted()
    }
    api.put('services', shop('r1'))
    await until(() => cache.kept.services.of('r1').length === 1 && cache.kept.deployments.of('r1').length === 1)
    expect(await toldOf(() => api.put('services', shop('r2')))).toEqual(['r1', 'r2'])
    expect(await toldOf(() => api.remove('services', 'shop'))).toEqual(['r1', 'r2'])
  }))

test('after close no watch stands and nothing is told', () =>
  bench(async ({ api, cache, told }) => {
    await cache.close()
    await until(() => api.watchers('jobs') === 0)
    api.put('jobs', job('a', 'r1'))
    expect(told).toEqual([])
  }))
