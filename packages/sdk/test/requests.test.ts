import { Davit, DavitError, type DavitOptions, FunctionCreate } from 'davit'
import { describe, expect, test } from 'vitest'
import { deserted, fakeServer, hangUp, json, refuse, silence } from './fake-server.ts'
import { sampleFunction, sampleProject, sampleRun } from './sample.ts'

const clientOf = ({ url }: { url: string }, options: DavitOptions = {}) => new Davit({ endpoint: url, token: '', ...options })
const failure = (call: PromiseLike<unknown>): Promise<DavitError> =>
  Promise.resolve(call).then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => (error instanceof DavitError ? error : Promise.reject(error)),
  )

describe('a request that fails in a way that may pass', () => {
  test('a read is sent again after 503', async () => {
    const server = await fakeServer(refuse(503, 'unavailable', 'starting'), json(sampleProject()))
    expect((await clientOf(server).projects.get('demo')).name).toBe('demo')
    expect(server.seen).toHaveLength(2)
  })

  test('a read is sent again after a cut connection', async () => {
    const server = await fakeServer(hangUp, hangUp, json(sampleProject()))
    expect((await clientOf(server).projects.get('demo')).name).toBe('demo')
  })

  test('it is given up after the retries, with the last error', async () => {
    const server = await fakeServer(refuse(503, 'unavailable', 'starting'))
    expect(await failure(clientOf(server, { retries: 1 }).projects.get('demo'))).toMatchObject({ code: 'unavailable', message: 'starting' })
    expect(server.seen).toHaveLength(2)
  })

  test('500 is an answer: it is not sent again', async () => {
    const server = await fakeServer(refuse(500, 'internal', 'broken'))
    expect((await failure(clientOf(server).projects.get('demo'))).code).toBe('internal')
    expect(server.seen).toHaveLength(1)
  })

  test('429 is sent again, after the time the server asks for', async () => {
    const server = await fakeServer(
      json({ status: 429, message: 'slow down', errorCode: 'rate_limited' }, { status: 429, headers: { 'retry-after': '0' } }),
      json(sampleRun('READY')),
    )
    expect((await clientOf(server).runs.stop('demo', 'r1')).id).toBe('r1')
  })

  test('a server that asks for more patience than a caller has is not waited for', async () => {
    const server = await fakeServer(json({ status: 429, message: 'slow down', errorCode: 'rate_limited' }, { status: 429, headers: { 'retry-after': '3600' } }))
    expect((await failure(clientOf(server).projects.get('demo'))).code).toBe('rate_limited')
    expect(server.seen).toHaveLength(1)
  })
})

describe('a create whose answer was lost', () => {
  test('is found by the id that the client made, and counts as done', async () => {
    const server = await fakeServer(hangUp, refuse(400, 'duplicate', 'Duplicated entity function:x.'), json(sampleFunction()))
    const fn = await clientOf(server).functions.create('demo', { name: 'hello', kind: 'container' })
    expect(fn.name).toBe('hello')
    const [first, second, third] = server.seen
    const { id } = FunctionCreate.parse(first?.body)
    expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(second?.body).toEqual(first?.body)
    expect(third).toMatchObject({ method: 'GET', path: `/api/v1/-/demo/functions/${id}` })
  })

  test('stays a duplicate when what is there is not ours', async () => {
    const server = await fakeServer(hangUp, refuse(400, 'duplicate', 'Duplicated entity task:x.'), refuse(404, 'not_found', 'No such task.'))
    expect((await failure(clientOf(server).tasks.create('demo', { kind: 'container+job', spec: { function: 'container://demo/hello:f1' } }))).code).toBe(
      'duplicate',
    )
  })

  test('a duplicate on the first try is the answer', async () => {
    const server = await fakeServer(refuse(400, 'duplicate', 'Duplicated entity project:demo.'))
    expect((await failure(clientOf(server).projects.create({ name: 'demo' }))).code).toBe('duplicate')
    expect(server.seen).toHaveLength(1)
  })

  test('a delete whose answer was lost counts as done when the thing is gone', async () => {
    const server = await fakeServer(hangUp, refuse(404, 'not_found', 'No such run.'))
    await clientOf(server).runs.delete('demo', 'r1')
    expect(server.seen.map(({ method }) => method)).toEqual(['DELETE', 'DELETE'])
  })

  test('a stop whose answer was lost gives the run that has ended meanwhile', async () => {
    const server = await fakeServer(
      hangUp,
      refuse(400, 'illegal_transition', 'Invalid transition from state STOPPED to state STOP.'),
      json(sampleRun('STOPPED')),
    )
    expect((await clientOf(server).runs.stop('demo', 'r1')).status.state).toBe('STOPPED')
  })
})

describe('every failure is a DavitError', () => {
  test('a server that is not there is named, with how to start one', async () => {
    const url = await deserted()
    const error = await failure(clientOf({ url }, { retries: 0 }).server.info())
    expect(error).toMatchObject({ code: 'unreachable', hint: 'start one with: davit server' })
    expect(error.message).toBe(`cannot reach ${url}: nothing listens there`)
  })

  test('a server that does not answer in time is a timeout', async () => {
    const server = await fakeServer(silence)
    const error = await failure(clientOf(server, { timeoutMs: 1000 }).projects.get('demo'))
    expect(error).toMatchObject({ code: 'timeout', message: `GET /api/v1/projects/demo on ${server.url} was not answered within 1000 ms` })
    expect(server.seen).toHaveLength(1)
  })

  test('an answer that begins but never ends is a timeout too', async () => {
    const server = await fakeServer((response) => void response.writeHead(200).write('{"id":'))
    expect((await failure(clientOf(server, { timeoutMs: 50 }).projects.get('demo'))).code).toBe('timeout')
  })

  test('aborting ends a call, and carries the reason', async () => {
    const server = await fakeServer(silence)
    const controller = new AbortController()
    const call = failure(clientOf(server).projects.get('demo', { signal: controller.signal }))
    controller.abort('enough')
    expect(await call).toMatchObject({ code: 'aborted', cause: 'enough' })
  })

  test('a signal that is aborted already sends nothing', async () => {
    const server = await fakeServer(json(sampleProject()))
    expect((await failure(clientOf(server).projects.get('demo', { signal: AbortSignal.abort() }))).code).toBe('aborted')
    expect(server.seen).toHaveLength(0)
  })

  test('aborting ends the wait between two tries', async () => {
    const server = await fakeServer(json({ status: 429, message: 'slow down', errorCode: 'rate_limited' }, { status: 429, headers: { 'retry-after': '20' } }))
    const controller = new AbortController()
    const call = failure(clientOf(server).projects.get('demo', { signal: controller.signal }))
    while (server.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    controller.abort()
    expect((await call).code).toBe('aborted')
  })

  test('an answer that is not JSON is a bad answer', async () => {
    const server = await fakeServer((response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'))
    expect(await failure(clientOf(server).projects.get('demo'))).toMatchObject({ code: 'bad_answer', hint: `is ${server.url} a Davit server?` })
  })

  test('an answer of another shape is a bad answer that names the field', async () => {
    const server = await fakeServer(json({ ...sampleRun('READY'), status: { state: 'FLYING' } }))
    const error = await failure(clientOf(server).runs.get('demo', 'r1'))
    expect(error.code).toBe('bad_answer')
    expect(error.message).toContain('status.state must be one of CREATED')
  })

  test("the server's words, path, hint and request id arrive", async () => {
    const server = await fakeServer(
      json(
        { status: 400, message: 'spec.image is wrong', errorCode: 'invalid', path: 'spec.image', hint: 'write it so', request_id: 'req-1' },
        { status: 400 },
      ),
    )
    expect(await failure(clientOf(server).projects.get('demo'))).toMatchObject({
      code: 'invalid',
      message: 'spec.image is wrong',
      path: 'spec.image',
      hint: 'write it so',
      requestId: 'req-1',
    })
  })

  test('a server that fills only status and message is understood by its words', async () => {
    const server = await fakeServer(json({ status: 400, message: 'Duplicated entity function:f1.', errorCode: null }, { status: 400 }))
    expect((await failure(clientOf(server).functions.create('demo', { name: 'hello', kind: 'container' }))).code).toBe('duplicate')
  })

  test('an error page of a proxy is an error with its status', async () => {
    const server = await fakeServer((response) => void response.writeHead(502).end('<h1>Bad gateway</h1>'))
    expect(await failure(clientOf(server, { retries: 0 }).projects.get('demo'))).toMatchObject({ code: 'internal', message: 'the server answered 502' })
  })

  test('an id that is empty or leads elsewhere is refused before anything is sent', async () => {
    const server = await fakeServer(json(sampleProject()))
    for (const name of ['', '.', '..']) await expect(clientOf(server).projects.get(name)).rejects.toMatchObject({ code: 'invalid', path: 'name' })
    expect(server.seen).toHaveLength(0)
  })
})

describe('what is sent', () => {
  test('a token goes along as a bearer, and no token leaves the header out', async () => {
    const server = await fakeServer(json(sampleProject()))
    await clientOf(server, { token: 'secret' }).projects.get('demo')
    await clientOf(server).projects.get('demo')
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', undefined])
  })

  test('names are encoded, and undefined filters left out', async () => {
    const server = await fakeServer(refuse(404, 'not_found', 'No such function.'))
    await failure(clientOf(server).functions.get('demo', 'a/b c'))
    await failure(clientOf(server).runs.list('demo', { state: undefined, function: 'container://demo/hello:f1' }))
    expect(server.seen[0]?.path).toBe('/api/v1/-/demo/functions/a%2Fb%20c')
    expect([...(server.seen[1]?.query ?? [])]).toEqual([['function', 'container://demo/hello:f1']])
  })

  test('a fetch of the caller is used', async () => {
    const client = new Davit({ endpoint: 'http://nowhere.invalid', fetch: async () => Response.json(sampleProject()) })
    expect((await client.projects.get('demo')).name).toBe('demo')
  })
})
