import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { KubeClient } from '../cluster.ts'
import { connect } from './connect.ts'
import { workbench, type Workbench } from './testing/workbench.ts'

const POD = '/api/v1/namespaces/default/pods/a'
const get = (client: KubeClient, timeoutMs?: number) =>
  client.request<{ metadata: { name: string } }>({ method: 'GET', path: POD, ...(timeoutMs && { timeoutMs }) })
const post = (client: KubeClient) => client.request({ method: 'POST', path: '/api/v1/namespaces/default/pods/a', body: {} })

async function bench(body: (parts: Workbench & { client: KubeClient }) => Promise<void>, user?: object): Promise<void> {
  await using parts = await workbench()
  parts.api.put('pods', { kind: 'Pod', metadata: { name: 'a' } })
  const { client } = await connect({ kubeconfig: await parts.kubeconfig(user), check: false, env: process.env })
  try {
    await body(Object.assign(parts, { client }))
  } finally {
    await client.close()
  }
}

describe('calls', () => {
  test('give the parsed answer, and what the API says where it is a no', () =>
    bench(async ({ client, proxy }) => {
      expect((await get(client)).metadata.name).toBe('a')
      proxy.inject({ times: 1, fault: { answer: 409, reason: 'Conflict', message: 'the object has been modified' } })
      await expect(get(client)).rejects.toMatchObject({ name: 'KubeError', status: 409, reason: 'Conflict', message: 'the object has been modified' })
    }))

  test('on a broken connection: a read is repeated once, a write is not', () =>
    bench(async ({ client, proxy }) => {
      proxy.inject({ times: 1, fault: { reset: 'before' } })
      expect((await get(client)).metadata.name).toBe('a')
      proxy.inject({ times: 2, fault: { reset: 'before' } })
      await expect(get(client)).rejects.toMatchObject({ code: 'unavailable' })
      const before = proxy.seen.length
      proxy.inject({ times: 1, fault: { reset: 'after' } })
      await expect(post(client)).rejects.toMatchObject({ code: 'unavailable' })
      expect(proxy.seen.length - before).toBe(1)
    }))

  test('a server that asks for patience gets it, for writes too, but not without end', () =>
    bench(async ({ client, proxy }) => {
      proxy.inject({ times: 2, fault: { answer: 429, reason: 'TooManyRequests', retryAfter: 0 } })
      await post(client)
      proxy.inject({ times: 1, fault: { answer: 503, retryAfter: 0 } })
      await post(client)
      proxy.inject({ times: 1, fault: { answer: 429, retryAfter: 60 } })
      await expect(post(client)).rejects.toMatchObject({ status: 429, retryAfterMs: 60_000 })
      proxy.inject({ times: 1, fault: { answer: 503 } })
      await expect(post(client)).rejects.toMatchObject({ status: 503, retryAfterMs: undefined })
    }))

  test('a server that says nothing ends the call by its timeout, and later calls get connections that live', () =>
    bench(async ({ client, proxy }) => {
      await Promise.all(Array.from({ length: 8 }, () => get(client)))
      const thaw = proxy.freeze()
      const hung = await Promise.allSettled(Array.from({ length: 8 }, () => get(client, 200)))
      expect(hung.map((each) => each.status === 'rejected' && each.reason.code)).toEqual(Array(8).fill('timeout'))
      thaw()
      expect((await get(client, 2_000)).metadata.name).toBe('a')
    }))

  test('end with the reason of their signal', () =>
    bench(async ({ client, proxy }) => {
      proxy.inject({ fault: { hang: true } })
      const end = new AbortController()
      const call = client.request({ method: 'GET', path: POD, signal: end.signal })
      end.abort(new Error('no longer wanted'))
      await expect(call).rejects.toThrow('no longer wanted')
    }))

  test('what is no JSON comes as text, and an answer of something else than an API server is shortened', () =>
    bench(async ({ client, api }) => {
      api.respond('/readyz', { status: 502, body: 'x'.repeat(5000) })
      await expect(client.request({ method: 'GET', path: '/readyz' })).rejects.toMatchObject({ status: 502, message: expect.stringMatching(/^x{1000}$/) })
    }))
})

describe('streams', () => {
  const watch = (client: KubeClient, extra: object = {}) =>
    client.stream({ method: 'GET', path: '/api/v1/pods', query: { watch: true, resourceVersion: 0 }, ...extra })

  test('end quietly with their signal', () =>
    bench(async ({ client }) => {
      const end = new AbortController()
      const bytes = await watch(client, { signal: end.signal })
      let seen = ''
      for await (const chunk of bytes) {
        seen += Buffer.from(chunk).toString()
        end.abort()
      }
      expect(JSON.parse(seen)).toMatchObject({ type: 'ADDED' })
    }))

  test('that say nothing for too long are an error', () =>
    bench(async ({ client }) => {
      const bytes = await watch(client, { idleMs: 300 })
      await expect(Array.fromAsync(bytes)).rejects.toMatchObject({ code: 'timeout' })
    }))

  test('that are never opened end by the timeout', () =>
    bench(async ({ client, proxy }) => {
      proxy.inject({ fault: { hang: true } })
      await expect(watch(client, { timeoutMs: 200 })).rejects.toMatchObject({ code: 'timeout' })
    }))

  test('do not keep requests waiting', () =>
    bench(async ({ client, api }) => {
      const end = new AbortController()
      await Promise.all(Array.from({ length: 60 }, () => watch(client, { signal: end.signal })))
      expect(api.watchers('pods')).toBe(60)
      expect((await get(client, 2_000)).metadata.name).toBe('a')
      end.abort()
    }))
})

describe('credentials', () => {
  test('a token file is read again when the server refuses what it held', async () => {
    await using parts = await workbench()
    const { api, write, kubeconfig } = parts
    api.token = 'first'
    api.put('pods', { metadata: { name: 'a' } })
    const tokenFile = await write('token', 'first\n')
    const { client } = await connect({ kubeconfig: await kubeconfig({ tokenFile }), check: false })
    await get(client)
    api.token = 'second'
    await write('token', 'second')
    expect((await get(client)).metadata.name).toBe('a')
    await client.close()
  })

  /** A credential plugin whose tokens are t1, t2 … */
  const plugin = ({ dir }: Workbench, lifetimeMs: number): string => `#!/bin/sh
n=$(( $(cat ${dir}/count 2>/dev/null || echo 0) + 1 )); echo $n > ${dir}/count
printf '{"kind":"ExecCredential","status":{"token":"t%s","expirationTimestamp":"${new Date(Date.now() + lifetimeMs).toISOString()}"}}' $n
`
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', args: [] }

  test('a plugin runs once while its credentials are good, and again when they are refused', async () => {
    await using parts = await workbench()
    parts.api.put('pods', { metadata: { name: 'a' } })
    await parts.write('plugin', plugin(parts, 3_600_000), 0o700)
    const { client } = await connect({ kubeconfig: await parts.kubeconfig({ exec }), check: false, env: process.env })
    parts.api.token = 't1'
    await get(client)
    await get(client)
    parts.api.token = 't2'
    expect((await get(client)).metadata.name).toBe('a')
    await client.close()
  })

  test('a plugin runs again when its credentials end', async () => {
    await using parts = await workbench()
    parts.api.put('pods', { metadata: { name: 'a' } })
    await parts.write('plugin', plugin(parts, 1_000), 0o700)
    const { client } = await connect({ kubeconfig: await parts.kubeconfig({ exec }), check: false, env: process.env })
    for (const token of ['t1', 't2', 't3']) {
      parts.api.token = token
      await get(client)
    }
    expect(parts.proxy.seen.length).toBe(3)
    await client.close()
  })

  test('that stay refused are said to be so, without asking for new ones over and over', () =>
    bench(
      async ({ client, api, proxy }) => {
        api.token = 'other'
        await expect(get(client)).rejects.toMatchObject({ status: 401 })
        const before = proxy.seen.length
        await expect(get(client)).rejects.toMatchObject({ status: 401 })
        expect(proxy.seen.length - before).toBe(1)
      },
      { token: 'mine' },
    ))

  test('a changed kubeconfig is used without a restart', () =>
    bench(
      async ({ client, api, kubeconfig }) => {
        await get(client)
        api.token = 'new'
        await kubeconfig({ token: 'new' })
        await sleep(10)
        expect((await get(client)).metadata.name).toBe('a')
      },
      { token: 'old' },
    ))

  test('a plugin that fails is told with its own words', () =>
    bench(
      async ({ client }) => {
        await expect(get(client)).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringContaining('please log in'), hint: 'get it from us' })
      },
      { exec: { command: 'sh', args: ['-c', 'echo please log in >&2; exit 1'], installHint: 'get it from us' } },
    ))
})
