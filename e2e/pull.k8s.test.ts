import type { RunHandle } from 'davit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { isOwn, LOCKED_REGISTRY, type OwnCluster, REGISTRY, REGISTRY_LOGIN } from '../testbed/kubernetes/index.ts'
import { type KubeHouse, kubeHouse, ON_OWN_CLUSTER, outputOf, type RunOptions, tellWhenFailed } from './support/kube-house.ts'
import { IMAGE } from './support/test-engine.ts'

let kube: KubeHouse
beforeAll(async () => {
  kube = await kubeHouse()
})
beforeEach(() => tellWhenFailed(kube))
afterAll(() => kube?.close())

const own = (): OwnCluster => {
  if (!isOwn(kube.cluster)) throw new Error('these tests need the registry of the testbed')
  return kube.cluster
}

const jobOf = async (image: string, options: RunOptions = {}): Promise<RunHandle> => {
  const fn = await kube.project.newFunction({ name: 'pulled', kind: 'container', image, command: 'echo', args: ['pulled'] })
  return fn.run('job', options)
}

test.runIf(ON_OWN_CLUSTER)('an image is pulled from its registry, each time if that is asked for', async () => {
  const image = await own().push(IMAGE, `e2e/${kube.mark}:1`)
  const policies = ['IfNotPresent', 'Always', 'Never'] as const
  for (const image_pull_policy of policies) expect(await outputOf(await jobOf(image, { image_pull_policy }))).toBe('pulled\n')
  const pulled = await kube.kubectl('get', 'events', '--field-selector', 'reason=Pulled', '-o', 'jsonpath={range .items[*]}{.message}{"\\n"}{end}')
  expect(pulled.split('\n').filter((line) => line.startsWith('Successfully pulled image'))).toHaveLength(2)
})

test.runIf(ON_OWN_CLUSTER)('an image that is not there ends the run, in the words of the registry', async () => {
  const run = await jobOf(`${REGISTRY}/e2e/none:${kube.mark}`)
  await run.wait({ timeoutMs: 60_000 })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'image-not-found' } })
  expect(run.verdict?.evidence.join('\n')).toMatch(/not found/)
  expect(run.verdict?.evidence.join('\n')).toContain(`e2e/none:${kube.mark}`)
})

test.runIf(ON_OWN_CLUSTER)('an image that may not be pulled and is not on the node ends the run', async () => {
  const run = await jobOf(`${REGISTRY}/e2e/never:${kube.mark}`, { image_pull_policy: 'Never' })
  await run.wait({ timeoutMs: 60_000 })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'image-not-found' } })
})

test.runIf(ON_OWN_CLUSTER)('a registry that does not answer is told by its address, and given up after a while', async () => {
  const run = await jobOf('localhost:1/e2e/none:1')
  await run.wait({ timeoutMs: 90_000 })
  expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'image-registry-unreachable' } })
  expect(run.verdict?.evidence.join('\n')).toContain('localhost:1')
})

test.runIf(ON_OWN_CLUSTER)('a registry that wants a login lets in who shows it, and tells of a pull secret that is wrong, or not there', async () => {
  const [name, { user, password }] = [`e2e/${kube.mark}`, REGISTRY_LOGIN]
  const login = (name: string, secret: string) =>
    kube.kubectl('create', 'secret', 'docker-registry', name, `--docker-server=${LOCKED_REGISTRY}`, `--docker-username=${user}`, `--docker-password=${secret}`)
  await login('right', password)
  await login('wrong', 'open sesame')
  const jobWith = async (secret: string): Promise<RunHandle> => {
    await own().push(IMAGE, `${name}:${secret}`)
    return jobOf(`${LOCKED_REGISTRY}/${name}:${secret}`, { image_pull_secrets: [secret] })
  }
  const [right, wrong, missing] = await Promise.all([jobWith('right'), jobWith('wrong'), jobWith('missing')])
  expect(await outputOf(right)).toBe('pulled\n')
  for (const run of [wrong, missing]) {
    await run.wait({ timeoutMs: 60_000 })
    expect(run.status).toMatchObject({ state: 'ERROR', verdict: { code: 'image-access-denied', hint: expect.stringContaining('image_pull_secrets') } })
  }
  expect(missing.verdict?.evidence.join('\n')).toContain('image pull secrets (missing)')
  expect(JSON.stringify([wrong.status, missing.status])).not.toContain('open sesame')
})
