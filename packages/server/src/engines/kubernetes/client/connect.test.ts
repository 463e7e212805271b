import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { type ConnectOptions, connect } from './connect.ts'
import { kubeconfigOf, workbench } from './testing/workbench.ts'

const problem = (options: ConnectOptions): Promise<unknown> =>
  connect(options).then(
    async ({ client }) => {
      await client.close()
      return 'connected'
    },
    (error: unknown) => error,
  )

describe('a kubeconfig', () => {
  test('gives server, user and namespace of its context', async () => {
    await using parts = await workbench()
    const connected = await connect({ kubeconfig: await parts.kubeconfig({ token: 't' }) })
    expect(connected).toMatchObject({ namespace: 'default', contextName: 'test', user: 'tester', version: 'v1.36.3' })
    await connected.client.close()
  })

  test.each([
    ['clusters: [', /is no YAML/],
    ['', /is empty/],
    ['just words', /is empty or no mapping/],
    ['clusters: 3', /malformed at clusters/],
    ['clusters: [{name: c, cluster: {}}]', /malformed at clusters\.0\.cluster\.server/],
    ['contexts: [{name: a, context: {cluster: c}}, {name: b, context: {cluster: c}}]', /no current context. It has: a, b/],
    ['current-context: x\ncontexts: [{name: a, context: {cluster: c}}]', /no context "x". It has: a/],
    ['current-context: a\ncontexts: [{name: a, context: {cluster: c}}]', /a cluster "c" that it does not have/],
    [kubeconfigOf('ftp://nowhere'), /no http/],
    [kubeconfigOf('http://127.0.0.1:1', { 'client-certificate': 'gone.crt' }), /names a file that cannot be read/],
  ])('that is wrong is refused with what is wrong and where (%#)', async (content, words) => {
    await using parts = await workbench()
    const kubeconfig = await parts.write('bad', content)
    expect(await problem({ kubeconfig })).toMatchObject({ code: 'invalid', message: expect.stringMatching(words), hint: expect.stringMatching(/\w/) })
  })

  test('that does not exist is said to be missing', async () => {
    expect(await problem({ kubeconfig: '/does/not/exist' })).toMatchObject({ code: 'invalid', message: 'The kubeconfig /does/not/exist does not exist.' })
  })

  test('a context that it lacks is refused with those it has', async () => {
    await using parts = await workbench()
    expect(await problem({ kubeconfig: await parts.kubeconfig(), context: 'prod' })).toMatchObject({
      message: expect.stringMatching(/no context "prod". It has: test/),
    })
  })
})

describe('several kubeconfigs with colons between', () => {
  const part = (name: string, server: string, more: object = {}) =>
    stringify({
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user: { tokenFile: 'token' } }],
      contexts: [{ name, context: { cluster: 'c', user: 'u', namespace: name } }],
      ...more,
    })

  test('are one, as kubectl reads them: the first of a name counts, and paths are seen from their file', async () => {
    await using parts = await workbench()
    await using other = await workbench()
    parts.api.token = 'from the first'
    await parts.write('token', 'from the first')
    await other.write('token', 'from the second')
    const [a, b] = [
      await parts.write('a', part('one', parts.proxy.url)),
      await other.write('b', part('two', 'http://127.0.0.1:1', { 'current-context': 'two' })),
    ]
    const connected = await connect({ kubeconfig: `${a}:/does/not/exist:${b}` })
    expect(connected).toMatchObject({ contextName: 'two', namespace: 'two', version: 'v1.36.3' })
    await connected.client.close()
    expect(await problem({ kubeconfig: `${a}:${b}`, context: 'three' })).toMatchObject({ message: expect.stringContaining('It has: one, two') })
  })

  test('none of which exists are said to be missing', async () => {
    expect(await problem({ kubeconfig: '/not/here:/nor/here' })).toMatchObject({ code: 'invalid', message: 'The kubeconfig /not/here does not exist.' })
  })
})

describe('a server', () => {
  test('where nothing listens is told as such', async () => {
    await using parts = await workbench()
    await parts.proxy.close()
    const answer = await problem({ kubeconfig: await parts.kubeconfig() })
    expect(answer).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/http:\/\/127\.0\.0\.1:\d+ .*kubeconfig.*connection refused/) })
  })

  test('of an unknown name is told as such', async () => {
    await using parts = await workbench()
    const kubeconfig = await parts.write('config', kubeconfigOf('https://no-such-host.invalid'))
    expect(await problem({ kubeconfig })).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/does not resolve|could not be resolved/) })
  })

  test.each([
    [{ major: '1', minor: '29', gitVersion: 'v1.29.4' }, 'invalid', /v1\.29\.4, which is too old/],
    [{ hello: 'world' }, 'unavailable', /no Kubernetes API server/],
  ])('that is not what we need is refused (%#)', async (body, code, words) => {
    await using parts = await workbench()
    parts.api.respond('/version', { status: 200, body })
    expect(await problem({ kubeconfig: await parts.kubeconfig() })).toMatchObject({ code, message: expect.stringMatching(words) })
  })

  test('that does not know us is told with user and kubeconfig', async () => {
    await using parts = await workbench()
    parts.api.token = 'right'
    const answer = await problem({ kubeconfig: await parts.kubeconfig({ token: 'wrong' }) })
    expect(answer).toMatchObject({ code: 'unauthenticated', message: expect.stringMatching(/user tester \(kubeconfig /) })
  })
})

describe('inside a cluster', () => {
  test('the pod’s service account is used', async () => {
    await using parts = await workbench()
    await parts.write('token', 'pod-token')
    await parts.write('namespace', 'here')
    await parts.write('ca.crt', '')
    const env = { KUBERNETES_SERVICE_HOST: '::1', KUBERNETES_SERVICE_PORT: '6443' }
    const { client, namespace } = await connect({ inCluster: true, env, serviceAccountDir: parts.dir, check: false })
    expect([client.server, namespace]).toEqual(['https://[::1]:6443', 'here'])
    await client.close()
  })

  test('elsewhere that is refused', async () => {
    expect(await problem({ inCluster: true })).toMatchObject({ code: 'invalid', message: expect.stringContaining('not in a pod') })
  })
})
