import { expect, onTestFinished, test } from 'vitest'
import { kubernetesEngine } from './engine.ts'
import { kubeconfigOf, workbench } from './client/testing/workbench.ts'

const ACCESS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

const engineOn = (clusters: Readonly<Record<string, string>>) => {
  const engine = kubernetesEngine({
    installation: 'test',
    clusters: Object.fromEntries(Object.entries(clusters).map(([name, kubeconfig]) => [name, { kubeconfig }])),
  })
  onTestFinished(() => engine.close())
  return engine
}

test('each cluster says by its name how it is, also while another is down', async () => {
  await using parts = await workbench()
  parts.api.respond(ACCESS, { status: 201, body: { status: { allowed: true } } })
  const away = await parts.write('away', kubeconfigOf('http://127.0.0.1:1'))
  const { healthy, version, detail } = await engineOn({ north: away, south: await parts.kubeconfig() }).health()
  expect([healthy, version]).toEqual([false, 'v1.36.3'])
  expect(detail).toMatch(/^cluster north: .*connection refused.*; cluster south: Kubernetes v1\.36\.3 at .*, namespace default, as tester$/)
})

test('a cluster that stops answering says so by its name, and hides nothing of the others', async () => {
  await using parts = await workbench()
  await using other = await workbench()
  for (const { api } of [parts, other]) api.respond(ACCESS, { status: 201, body: { status: { allowed: true } } })
  const engine = engineOn({ north: await parts.kubeconfig(), south: await other.kubeconfig() })
  expect(await engine.health()).toMatchObject({ healthy: true })
  other.api.respond('/version', { status: 503, body: {} })
  const { healthy, detail } = await engine.health()
  expect(healthy).toBe(false)
  expect(detail).toMatch(/^cluster north: Kubernetes v1\.36\.3.*; cluster south: The API server .* answers 503/)
})

test('rights that are missing are all named, each in a sentence', async () => {
  await using parts = await workbench()
  parts.api.respond(ACCESS, { status: 201, body: { status: { allowed: false } } })
  const { healthy, detail } = await engineOn({ only: await parts.kubeconfig() }).health()
  expect(healthy).toBe(false)
  expect(detail).toMatch(
    /^Kubernetes v1\.36\.3 at \S+, namespace default, as tester\. Davit may not get, list, watch, create, patch, delete batch\/jobs in namespace default\. Davit may/,
  )
  expect(detail).toContain('Davit may not list, watch events in namespace default.')
})
