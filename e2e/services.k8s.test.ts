import { getOrCreateProject, type RunHandle } from 'davit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { waitUntil } from '../packages/server/src/supervise/wait-until.ts'
import { type KubeHouse, kubeHouse, outputOf, ready, stopped, tellWhenFailed, verbsIn } from './support/kube-house.ts'

let kube: KubeHouse
beforeAll(async () => {
  kube = await kubeHouse()
})
beforeEach(() => tellWhenFailed(kube))
afterAll(() => kube?.close())

const page = async (url: string): Promise<string | undefined> =>
  waitUntil(
    () =>
      fetch(url, { signal: AbortSignal.timeout(2000) }).then(
        (answer) => (answer.ok ? answer.text() : undefined),
        () => undefined,
      ),
    { timeout: 20_000, every: 200 },
  )
const ownName = (run: RunHandle): string => `serve-${run.id}`

describe('who reaches a service', () => {
  test('ClusterIP: callers inside, by its address and its name', async () => {
    const run = await ready(await kube.serve({ service_ports: [{ port: 80, target_port: 8501, name: 'http' }] }))
    const { service } = run.status
    expect(service).toMatchObject({
      type: 'ClusterIP',
      name: ownName(run),
      namespace: kube.namespace,
      ports: [{ name: 'http', port: 80, targetPort: 8501, protocol: 'TCP' }],
    })
    expect(service?.url).toBe(`${ownName(run)}.${kube.namespace}:80`)
    expect(service?.ports[0]?.nodePort).toBeUndefined()
    const inside = await kube.job(`wget -qO- http://${service?.clusterIP}:80/ | head -c 5`)
    expect(await outputOf(inside)).not.toBe('')
    await stopped(run)
  })

  test('NodePort: callers of a node, at a free port or the one that was asked for; a taken one is refused in words', async () => {
    const free = await ready(await kube.serve({ service_type: 'NodePort' }))
    expect(await page(`http://${free.status.service?.url}/`)).toBeDefined()
    expect((await free.invoke('/')).status).toBe(200)
    const taken = free.status.service?.ports[0]?.nodePort ?? 0
    const run = await kube.serve({ service_type: 'NodePort', service_ports: [{ port: 80, target_port: 8501, node_port: taken }] })
    await run.wait({ timeoutMs: 30_000 })
    expect(run.status).toMatchObject({
      state: 'ERROR',
      verdict: { code: 'node-port-taken', evidence: [expect.stringContaining('provided port is already allocated')] },
    })
    expect(await kube.thingsOf(run, 'deployments,pods,services')).toEqual([])
    await stopped(free)
    const again = await ready(await kube.serve({ service_type: 'NodePort', service_ports: [{ port: 80, target_port: 8501, node_port: taken }] }))
    expect(again.status.service?.ports[0]?.nodePort).toBe(taken)
    await stopped(again)
  })

  test('NodePort: one that the cluster does not give out is refused in its words, with the range that it has', async () => {
    const run = await kube.serve({ service_type: 'NodePort', service_ports: [{ port: 80, target_port: 8501, node_port: 80 }] })
    await run.wait({ timeoutMs: 30_000 })
    expect(run.status).toMatchObject({
      state: 'ERROR',
      verdict: { code: 'config-refused', evidence: [expect.stringMatching(/nodePort: Invalid value: 80.*valid ports is \d+-\d+/)] },
    })
    expect(await kube.thingsOf(run, 'deployments,pods,services')).toEqual([])
  })

  test('LoadBalancer: at the node port until it has an address, then there, with a scheme', async () => {
    const run = await ready(await kube.serve({ service_type: 'LoadBalancer' }))
    const nodePort = run.status.service?.ports[0]?.nodePort
    expect(run.status.service).toMatchObject({ type: 'LoadBalancer', url: expect.stringMatching(new RegExp(`:${nodePort}$`)) })
    expect(run.status.service?.['load_balancer']).toBeUndefined()
    const status = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: '198.51.100.7' }] } } })
    await kube.kubectl('patch', 'service', ownName(run), '--subresource=status', '--type=merge', '-p', status)
    await waitUntil(async () => (await run.refresh()).status.service?.['load_balancer'], { timeout: 20_000, every: 200 })
    expect(run.status.service).toMatchObject({ url: '198.51.100.7:80', load_balancer: 'http://198.51.100.7:80' })
    expect(run.status['k8s']).toMatchObject({ service: { status: { loadBalancer: { ingress: [{ ip: '198.51.100.7' }] } } } })
    await stopped(run)
  })

  test('Headless: a name without an address', async () => {
    const run = await ready(await kube.serve({ service_type: 'Headless' }))
    expect(run.status.service).toMatchObject({ type: 'Headless', name: ownName(run) })
    expect(run.status.service?.clusterIP).toBeUndefined()
    expect((await kube.thingsOf(run, 'services')).map(({ spec }) => spec?.['clusterIP'])).toEqual(['None', 'None'])
    await stopped(run)
  })

  test('several ports by name, UDP beside TCP', async () => {
    const run = await ready(
      await kube.serve({
        service_type: 'NodePort',
        service_ports: [
          { port: 80, target_port: 8501, name: 'web' },
          { port: 90, target_port: 9000, name: 'echo', protocol: 'UDP' },
        ],
      }),
    )
    const { service } = run.status
    expect(service?.ports.map(({ name, protocol, targetPort }) => `${name} ${protocol} ${targetPort}`)).toEqual(['web TCP 8501', 'echo UDP 9000'])
    expect(service?.urls).toHaveLength(2)
    const own = (await kube.thingsOf(run, 'services')).find(({ metadata }) => metadata.name === ownName(run))
    expect(own?.spec?.['ports']).toMatchObject([
      { name: 'web', protocol: 'TCP', nodePort: service?.ports[0]?.nodePort },
      { name: 'echo', protocol: 'UDP', nodePort: service?.ports[1]?.nodePort },
    ])
    expect((await run.invoke('/')).status).toBe(200)
    await stopped(run)
  })
})

describe('names of a service', () => {
  test('the one that its user chose leads to the newest run of the project that asked for it, and back to the one before when that ends', async () => {
    const names = async (run: RunHandle) => (await kube.thingsOf(run, 'services')).map(({ metadata }) => metadata.name)
    const first = await ready(await kube.serve({ service_name: 'shop' }))
    expect(await names(first)).toEqual(expect.arrayContaining([ownName(first), 'shop']))
    const second = await ready(await kube.serve({ service_name: 'shop' }))
    expect(await names(second)).toEqual(expect.arrayContaining([ownName(second), 'shop']))
    expect(await names(first)).toContain(ownName(first))
    const lost = async (run: RunHandle) =>
      ((await run.refresh()).status.notes ?? []).filter(({ code, message }) => code === 'name-lost' && message.includes('shop'))
    await waitUntil(async () => (await lost(first)).length > 0, { timeout: 20_000, every: 200 })
    expect(await lost(first)).toHaveLength(1)
    expect(await lost(second)).toEqual([])
    await stopped(second)
    await waitUntil(async () => (await names(first)).includes('shop'), { timeout: 20_000, every: 200 })
    expect(await names(first)).toContain('shop')
    await waitUntil(async () => (await lost(first)).length === 0, { timeout: 20_000, every: 200 })
    expect(await lost(first)).toEqual([])
    const inside = await kube.job('wget -qO- http://shop:80/ | head -c 5')
    expect(await outputOf(inside)).not.toBe('')
    await stopped(first)
  })

  test('that is another project’s is refused, and nothing of the run is made', async () => {
    const first = await ready(await kube.serve({ service_name: 'bank' }))
    const neighbour = await verbsIn(await getOrCreateProject('neighbour', { client: kube.house.client() }))
    const run = await neighbour.serve({ service_name: 'bank' })
    await run.wait({ timeoutMs: 30_000 })
    expect(run.status).toMatchObject({
      state: 'ERROR',
      verdict: { code: 'service-name-taken', evidence: [expect.stringContaining('belongs to project suite')] },
    })
    expect(await kube.thingsOf(run, 'deployments,services')).toEqual([])
    await stopped(first)
  })

  test('that is the own one of another run of the project is refused too', async () => {
    const first = await ready(await kube.serve())
    const run = await kube.serve({ service_name: ownName(first) })
    await run.wait({ timeoutMs: 30_000 })
    expect(run.status).toMatchObject({
      state: 'ERROR',
      verdict: { code: 'service-name-taken', evidence: [expect.stringContaining(`belongs to run ${first.id}`)] },
    })
    expect((await kube.thingsOf(first, 'services')).map(({ metadata }) => metadata.name)).toContain(ownName(first))
    await stopped(first)
  })

  test('that is a Service of somebody else’s is refused', async () => {
    await kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'legacy' }, spec: { ports: [{ port: 80 }] } })
    const run = await kube.serve({ service_name: 'legacy' })
    await run.wait({ timeoutMs: 30_000 })
    expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'service-name-taken' } })
    expect(await kube.kubectl('get', 'service', 'legacy', '-o', 'jsonpath={.spec.ports[0].targetPort} {.metadata.labels}')).toBe('80 ')
  })
})

describe('replicas', () => {
  test('of a deploy and of a serve: as many containers, each with a log; all of a serve answer', async () => {
    const script = 'echo "$HOSTNAME" >/tmp/index.html; echo up; exec httpd -f -p 8501 -h /tmp'
    const [deploy, serve] = await Promise.all([
      kube.deploy('echo up; trap "exit 0" TERM; while :; do sleep 0.2; done', { replicas: 3 }),
      kube.serve({ args: ['-c', script], replicas: 2, service_type: 'NodePort' }),
    ])
    await Promise.all([ready(deploy), ready(serve)])
    const running = (run: RunHandle) => run.status.containers?.filter(({ state }) => state === 'running').length
    for (const [run, count] of [
      [deploy, 3],
      [serve, 2],
    ] as const) {
      await waitUntil(async () => running(await run.refresh()) === count, { timeout: 30_000, every: 200 })
      expect(running(run)).toBe(count)
      expect(run.status['pods']).toHaveLength(count)
    }
    const seen = new Set<string>()
    await waitUntil(async () => seen.add(await (await serve.invoke('/')).text()).size === 2, { timeout: 20_000, every: 50 })
    expect(seen.size).toBe(2)
    await stopped(deploy, serve)
    expect((await deploy.logs()).map(({ text }) => text)).toEqual(['up\n', 'up\n', 'up\n'])
  })
})
