import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTarget, type Target } from './target.ts'

// Each of these was found by the fuzzer, and was a 500, no answer of ours, or an answer that the document does not promise.

let target: Target
beforeAll(async () => {
  target = await openTarget()
  await ask('POST', '/api/v1/projects', { name: 'found' })
})
afterAll(async () => {
  await target.close()
})

const HOST = ['Host', '127.0.0.1'] as const
const CLOSE = ['Connection', 'close'] as const

const ask = async (method: string, path: string, body?: unknown, more: readonly (readonly [string, string])[] = []) => {
  const bytes = body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const typed = bytes
    ? ([
        ['Content-Type', 'application/json'],
        ['Content-Length', String(bytes.length)],
      ] as const)
    : []
  return target.raw({ method, target: path, headers: [HOST, CLOSE, ...typed, ...more], body: bytes })
}

test.each(['functions', 'tasks', 'runs'])('a time that JavaScript can write and PostgreSQL cannot is no time: list of %s', async (list) => {
  for (const time of ['-271821-04-20T00:00:00Z', '%2B275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z', '0000-01-01T00:00:00Z'])
    for (const range of [time, `,${time}`, `${time},${time}`])
      expect((await ask('GET', `/api/v1/-/found/${list}?created=${range}&updated=${range}`)).status, range).toBe(200)
})

test('an expectation that nobody knows is no reason to answer in words that are not ours', async () => {
  expect((await ask('GET', '/api/v1/projects', undefined, [['Expect', 'x']])).status).toBe(200)
})

test('what has nothing to say says nothing, and does not call it JSON', async () => {
  await ask('POST', '/api/v1/projects', { name: 'goes' })
  const { status, body, headers } = await ask('DELETE', '/api/v1/projects/goes')
  expect([status, body, headers['content-type']]).toEqual([200, '', undefined])
})

test('a path that is there, asked in a way that it has not, says which it has', async () => {
  const { status, headers } = await ask('TRACE', '/api/v1/projects')
  expect([status, headers['allow']?.split(', ').sort()]).toEqual([405, ['GET', 'HEAD', 'POST']])
  expect((await ask('QUERY', '/api/v1/-/found/tasks')).status).toBe(405)
  expect((await ask('POST', '/api/v1/projects/')).status).toBe(404)
})

test('null for what may be left out is left out, as the document says', async () => {
  expect((await ask('POST', '/api/v1/-/found/secrets', { name: 'null-spec', spec: null, metadata: { labels: null, name: null } })).status).toBe(200)
  expect((await ask('POST', '/api/v1/-/found/secrets', { name: null })).status).toBe(400)
})

test('a selector without a key is refused in both of its forms: an answer has the one, whichever was sent', async () => {
  const made = await ask('POST', '/api/v1/-/found/functions', { name: 'selects', kind: 'container', spec: { image: 'busybox' } })
  const { key } = JSON.parse(made.body) as { key: string }
  const send = (selector: unknown) =>
    ask('POST', '/api/v1/-/found/tasks', { kind: 'container+job', spec: { function: key.replace('store', 'container'), node_selector: selector } })
  expect((await send({ '': 'ssd' })).status).toBe(400)
  expect((await send([{ key: '', value: 'ssd' }])).status).toBe(400)
  expect((await send({ disk: 'ssd' })).status).toBe(200)
})

test('a command of one empty word is answered as an entrypoint: an empty command is none', async () => {
  const { status, body } = await ask('POST', '/api/v1/-/found/functions', { name: 'empty', kind: 'container', spec: { image: 'busybox', command: [''] } })
  expect([status, JSON.parse(body)]).toMatchObject([200, { spec: { entrypoint: [''] } }])
})

test('cascade may be empty, as the document says', async () => {
  expect((await ask('DELETE', '/api/v1/projects/never-there?cascade=')).status).toBe(200)
  expect((await ask('DELETE', '/api/v1/projects/never-there?cascade=maybe')).status).toBe(400)
})
