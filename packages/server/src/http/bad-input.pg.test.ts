import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { ErrorBody } from 'davit/contract'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { type Answer, type Ask, given, inState, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

const databases = databasesForTests()
let server: ServerForTests
/** For what never ends: it waits for 400 ms and no longer. */
let impatient: ServerForTests
let url = ''
const P = '/api/v1/-/bad'
beforeAll(async () => {
  server = await serverForTests(await databases.fresh())
  impatient = await serverForTests(await databases.fresh(), { requestTimeoutMs: 400 })
  url = await server.listen()
  await given(server, 'bad')
})

/** Asks, and expects the error body that official clients read. */
const refused = async (method: string, path: string, ask: Ask = {}): Promise<Answer<ErrorBody>> => {
  const answer = await server.send<ErrorBody>(method, path, ask)
  expect(answer.status, answer.text).toBeGreaterThanOrEqual(400)
  const { status, message, errorCode } = ErrorBody.parse(answer.json)
  expect([status, typeof message, typeof errorCode]).toEqual([answer.status, 'string', 'string'])
  expect(answer.headers['x-api-level']).toBe('16')
  expect(answer.text).not.toMatch(/node_modules|\.ts:\d|select |insert into/)
  return answer
}

describe('names', () => {
  test.each(['', 'A', '-a', 'a-', 'a_b', 'a/b', 'a b', 'ü', 'x'.repeat(51), 'a\0b', '../etc'])('%j is no project', async (name) => {
    expect(await refused('POST', '/api/v1/projects', { body: { name } })).toMatchObject({ status: 400, json: { errorCode: 'invalid', path: 'name' } })
  })

  test.each(['', 'a b', 'a/b', 'ü', 'x'.repeat(257), 'a\nb'])('%j is no function', async (name) => {
    expect(await refused('POST', `${P}/functions`, { body: { name, kind: 'container' } })).toMatchObject({ status: 400, json: { path: 'name' } })
  })

  test.each(['A', 'a_b', 'a.b', 'x'.repeat(64), ''])('%j is no id', async (id) => {
    expect(await refused('POST', `${P}/functions`, { body: { id, name: 'x', kind: 'container' } })).toMatchObject({ status: 400, json: { path: 'id' } })
  })

  test('a project has one name', async () => {
    expect(await refused('POST', '/api/v1/projects', { body: { name: 'a', id: 'b' } })).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining('project id must match name') },
    })
    expect(await refused('PUT', '/api/v1/projects/bad', { body: { name: 'good' } })).toMatchObject({ status: 400, json: { path: 'name' } })
  })

  test('two who take the same at once: one gets it', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.send<ErrorBody>('POST', '/api/v1/projects', { body: { name: 'wanted' } })))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 7 }, () => 400)])
    for (const { json, status } of answers) if (status === 400) expect(json.message).toBe('Duplicated entity project:wanted.')
  })
})

describe('what is not there', () => {
  test.each([
    ['GET', '/api/v1/projects/none', 'project'],
    ['PUT', '/api/v1/projects/none', 'project'],
    ['GET', '/api/v1/-/none/functions', 'project'],
    ['GET', '/api/v1/-/none/tasks', 'project'],
    ['GET', '/api/v1/-/none/runs', 'project'],
    ['GET', '/api/v1/-/none/logs', 'project'],
    ['GET', '/api/v1/-/none/secrets', 'project'],
    ['POST', '/api/v1/-/none/functions', 'project'],
    ['GET', `${P}/functions/none`, 'function'],
    ['PUT', `${P}/functions/none`, 'function'],
    ['DELETE', `${P}/functions/none`, 'function'],
    ['GET', `${P}/tasks/none`, 'task'],
    ['GET', `${P}/runs/none`, 'run'],
    ['GET', `${P}/runs/none/logs`, 'run'],
    ['POST', `${P}/runs/none/stop`, 'run'],
    ['GET', `${P}/secrets/none`, 'secret'],
  ])('%s %s is a 404 in the words that official clients know', async (method, path, entity) => {
    const body =
      method === 'PUT' || (method === 'POST' && path.endsWith('s'))
        ? { body: { name: 'none', kind: path.includes('functions') ? 'container' : 'project' } }
        : {}
    const { status, json, text } = await refused(method, path, body)
    expect([status, json.errorCode]).toEqual([404, 'not_found'])
    expect(json.message.startsWith(`No such ${entity}.`)).toBe(true)
    expect(text).toContain('No such EntityName')
  })

  test('a refused change of a project that is not there leaves no trace of having been made', async () => {
    await refused('PUT', '/api/v1/projects/none', { body: { name: 'none' } })
    expect(server.logged.join('')).not.toContain('"level":50')
  })

  test.each(['/nothing', '/api/v1/nothing', '/api/v2/projects', '/api/v1/projects/', `${P}/functions/a/b/c`])('the path %s', async (path) => {
    expect((await refused('GET', path)).status).toBe(404)
  })
})

describe('kinds', () => {
  test.each([
    [`${P}/functions`, { name: 'x', kind: 'python' }],
    [`${P}/functions`, { name: 'x', kind: 'constructor' }],
    [`${P}/tasks`, { kind: 'container+build', spec: { function: 'container://bad/hello:x' } }],
    [`${P}/tasks`, { kind: 'job', spec: { function: 'container://bad/hello:x' } }],
    [`${P}/runs`, { kind: 'python+job:run', spec: { task: 'python+job://bad/x' } }],
    [`${P}/runs`, { kind: 'container+build:run', spec: { task: 'container+build://bad/x' } }],
  ])('%s %j is not known', async (path, body) => {
    expect(await refused('POST', path, { body })).toMatchObject({ status: 404, json: { message: 'No such spec.', path: 'kind' } })
  })

  test('a run must be of the kind of its task', async () => {
    const { taskRef } = await given(server, 'kinds')
    expect(await refused('POST', '/api/v1/-/kinds/runs', { body: { kind: 'container+serve:run', spec: { task: taskRef } } })).toMatchObject({
      status: 400,
      json: { path: 'kind', message: expect.stringContaining('container+job:run') },
    })
  })
})

describe('runs that cannot be', () => {
  test.each([
    [{ task: 'nonsense' }, 'spec.task'],
    [{ task: 'container+job://other/x' }, 'spec.task'],
    [{ task: 'container+job://bad/none' }, 'spec.task'],
    [{ replicas: 0 }, 'spec.replicas'],
    [{ replicas: 'two' }, 'spec.replicas'],
    [{ args: 'not a list' }, 'spec.args'],
    [{ args: [1] }, 'spec.args.0'],
    [{ args: ['a\0b'] }, 'spec.args.0'],
    [{ env: { 'A=B': '1' } }, 'spec.env'],
    [{ env: { A: 'x\0' } }, 'spec.env'],
    [{ resources: { cpu: 'lots' } }, 'spec.resources.cpu'],
    [{ volumes: [{ volume_type: 'floppy', name: 'v', mount_path: '/v' }] }, 'spec.volumes.0.volume_type'],
    [{ volumes: [{ volume_type: 'empty_dir', name: 'v', mount_path: 'v' }] }, 'spec.volumes.0.mount_path'],
    [{ secrets: ['GONE'] }, 'spec.secrets'],
    [
      {
        volumes: [
          { volume_type: 'empty_dir', name: 'v', mount_path: '/v' },
          { volume_type: 'secret', name: 's', mount_path: '/s', spec: { secret_name: 'GONE' } },
        ],
      }, // prettier-ignore
      'spec.volumes.1.spec.secret_name',
    ],
    [{ service_ports: [{ port: '8000-8010' }] }, 'spec.service_ports.0.port'],
    [{ service_ports: [{ port: 0 }] }, 'spec.service_ports.0.port'],
    [{ service_ports: [{ port: 70_000 }] }, 'spec.service_ports.0.port'],
    [{ service_ports: [{ port: 80, target_port: 'http' }] }, 'spec.service_ports.0.target_port'],
    [{ image_pull_policy: 'Sometimes' }, 'spec.image_pull_policy'],
  ])('%j: the error names the field', async (said, path) => {
    const { submit } = await given(server, 'refused-runs')
    const { status, json } = await submit(said)
    expect(ErrorBody.parse(json)).toMatchObject({ status: 400, errorCode: 'invalid', path: expect.stringContaining(path) })
    expect(status).toBe(400)
    expect((await server.runs('refused-runs')).totalElements).toBe(0)
  })

  test('without an image, or a service without ports', async () => {
    const none = await given(server, 'no-image', { spec: { image: null } })
    expect((await none.submit()).json).toMatchObject({ errorCode: 'invalid', path: 'spec.image' })
    const portless = await given(server, 'no-ports', { action: 'serve' })
    expect((await portless.submit()).json).toMatchObject({ errorCode: 'invalid', path: 'spec.service_ports' })
  })

  test('in a project that is not the one of the path', async () => {
    const { submit } = await given(server, 'one-project')
    expect((await submit({}, { project: 'other' })).json).toMatchObject({ errorCode: 'invalid', message: expect.stringContaining('invalid project') })
    expect(await refused('POST', '/api/v1/-/one-project/functions', { body: { project: 'other', name: 'x', kind: 'container' } })).toMatchObject({
      status: 400,
      json: { path: 'project' },
    })
  })
})

describe('lists', () => {
  test('page -1 is the first, page past the end is empty', async () => {
    expect(await server.runs('bad', '?page=-1')).toMatchObject({ number: 0 })
    expect(await server.runs('bad', '?page=2000000000&size=1000')).toMatchObject({ content: [], totalElements: 0 })
  })

  test.each([
    'size=1000000000',
    'size=0',
    'size=-1',
    'size=x',
    'page=x',
    'page=1.5',
    'page=1e99',
    'sort=nonsense,ASC',
    'sort=name,UP',
    'sort=spec',
    'function=nonsense',
  ])('%s is refused', async (query) => {
    expect(await refused('GET', `${P}/runs?${query}`)).toMatchObject({ status: 400, json: { errorCode: 'invalid', path: query.split('=')[0] } })
  })

  test.each(['created=yesterday', 'updated=,', 'nonsense=1', 'state=NONSENSE', 'name=%27%3Bdrop%20table%20run', '__proto__=1', 'constructor=1', 'q=%25'])(
    '%s harms nothing',
    async (query) => {
      expect((await server.send('GET', `${P}/runs?${query}`)).status).toBe(200)
    },
  )

  test.each([`${P}/runs?name=%00`, `${P}/runs/%00`, '/api/v1/projects/%00', `${P}/functions?q=a%00b`])(
    'NUL in %s is refused, not an accident',
    async (path) => {
      expect((await refused('GET', path)).status).toBe(400)
    },
  )

  test.each(['/api/v1/projects/%zz', `${P}/runs/${'x'.repeat(600)}`])('the address %.40s is refused', async (path) => {
    expect(ErrorBody.parse((await server.send('GET', path)).json)).toMatchObject({ status: 400, errorCode: 'invalid' })
  })
})

describe('bodies', () => {
  test.each([
    ['{', 'application/json'],
    ['', 'application/json'],
    ['null', 'application/json'],
    ['[]', 'application/json'],
    ['"text"', 'application/json'],
    ['{"name":"a"', 'application/json'],
    ['a: [', 'application/x-yaml'],
    [`${'a: &a [x]\nb: '}[${'*a,'.repeat(1000)}]`, 'application/x-yaml'],
    ['['.repeat(50_000), 'application/x-yaml'],
    [`{"name":"deep","metadata":{"a":${'['.repeat(101)}${']'.repeat(101)}}}`, 'application/json'],
    [`{"name":"deep","metadata":${'{"a":'.repeat(90_000)}1${'}'.repeat(90_000)}}`, 'application/json'],
  ])('%.40s as %s is refused', async (body, type) => {
    expect(await refused('POST', '/api/v1/projects', { body, headers: { 'content-type': type } })).toMatchObject({
      status: 400,
      json: { errorCode: 'invalid' },
    })
  })

  test('too large, or of a type that is not taken', async () => {
    expect(await refused('POST', '/api/v1/projects', { body: { name: 'x'.repeat(1_000_001) } })).toMatchObject({
      status: 413,
      json: { errorCode: 'too_large' },
    })
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect(await refused('POST', '/api/v1/projects', { body: '{"name":"a"}', headers: { 'content-type': type } })).toMatchObject({
        status: 415,
        json: { errorCode: 'unsupported_media_type' },
      })
  })

  test('keys that change objects change nothing', async () => {
    const body =
      '{"name":"proto","__proto__":{"polluted":1},"metadata":{"constructor":{"prototype":{"polluted":1}},"__proto__":{"polluted":1}},"spec":{"__proto__":{"polluted":1},"toString":"x"}}'
    expect((await server.send('POST', '/api/v1/projects', { body })).status).toBe(200)
    expect((await server.send('GET', '/api/v1/projects/proto')).status).toBe(200)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    const { start } = await given(server, 'proto')
    const { id } = await start('true', { env: { toString: '1', constructor: '2' }, labels: { constructor: 'x' }, __proto__: { x: 1 } })
    expect((await server.until('proto', id, inState('COMPLETED', 'ERROR'))).status.state).toBe('COMPLETED')
  })

  test('text that PostgreSQL cannot hold is taken without it', async () => {
    const { start } = await given(server, 'text')
    const { id } = await start('true', { args: ['echo', '\ud800 \\u0000'] })
    expect((await server.until('text', id, inState('COMPLETED'))).spec.args).toEqual(['echo', '\ufffd \\u0000'])
    expect(await server.send('POST', '/api/v1/projects', { body: { name: 'nul', metadata: { description: 'a\0b' } } })).toMatchObject({
      status: 200,
      json: { metadata: { description: 'a\ufffdb' } },
    })
  })
})

describe('on the wire', () => {
  const dial = async (to: ServerForTests): Promise<{ socket: Socket; answer: () => Promise<string> }> => {
    const socket = connect(Number(new URL(await to.listen()).port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let got = ''
    socket.on('data', (data) => (got += String(data)))
    const closed = once(socket, 'close')
    await once(socket, 'connect')
    return { socket, answer: async () => closed.then(() => got) }
  }

  test('a body that never ends is cut', async () => {
    const { socket, answer } = await dial(impatient)
    socket.write('POST /api/v1/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"name":')
    const text = await answer()
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
    expect(ErrorBody.parse(JSON.parse(text.split('\r\n\r\n')[1] ?? ''))).toMatchObject({ status: 408, errorCode: 'timeout' })
  })

  test('headers that never end are cut', async () => {
    const { socket, answer } = await dial(impatient)
    socket.write('GET / HTTP/1.1\r\nHost: loc')
    expect(await answer()).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('what is not HTTP is told so', async () => {
    const { socket, answer } = await dial(server)
    socket.write('hello\r\n\r\n')
    expect(await answer()).toMatch(/^HTTP\/1\.1 400 [^]*"errorCode":"invalid"/)
  })

  test('a body without a length that grows too large is refused', async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('x'.repeat(200_000)))
      },
    })
    const answer = await fetch(`${url}/api/v1/projects`, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    } as RequestInit).catch((error: unknown) => error)
    // The server may hang up while the client still writes: fetch then shows that instead of the answer.
    if (answer instanceof Response) expect(answer.status).toBe(413)
    else expect(answer).toBeInstanceOf(TypeError)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  test('a foreign host or origin is refused, and a page of this machine is served', async () => {
    expect(await refused('GET', '/api/v1/projects', { headers: { host: 'rebound.example' } })).toMatchObject({ status: 403, json: { errorCode: 'forbidden' } })
    expect(await refused('POST', '/api/v1/projects', { body: { name: 'csrf' }, headers: { origin: 'https://evil.example' } })).toMatchObject({ status: 403 })
    expect((await server.send('GET', '/api/v1/projects/csrf')).status).toBe(404)
    expect((await server.send('GET', '/api/v1/projects', { headers: { origin: 'http://localhost:5173' } })).status).toBe(200)
  })
})

test('nothing of all that was an accident of the server', () => {
  const errors = [...server.logged, ...impatient.logged].filter((line) => (JSON.parse(line) as { level: number }).level >= 50)
  expect(errors).toEqual([])
})
