import { randomBytes } from 'node:crypto'
import { api, type Run } from 'davit/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { given, inState, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

const databases = databasesForTests()
let server: ServerForTests
beforeAll(async () => {
  server = await serverForTests(await databases.fresh())
})

const STAMP = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const ID = expect.stringMatching(/^[0-9a-f]{32}$/)
const metadata = (project: string, name: unknown) => ({
  project,
  name,
  version: expect.any(String),
  created: STAMP,
  updated: STAMP,
  created_by: 'anonymous',
  updated_by: 'anonymous',
})

describe('every answer', () => {
  test('is 200 with the level, the version, an id of the request, and no cache or frame', async () => {
    const { status, headers } = await server.send('GET', '/api/v1/projects')
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'x-api-level': '16',
      'x-api-version': '1.2.3',
      'x-request-id': expect.any(String),
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
  })

  test('what is outside the API answers too', async () => {
    expect((await server.send('GET', '/healthz')).json).toEqual({ status: 'ok' })
    expect((await server.send('GET', '/readyz')).json).toEqual({ status: 'ready' })
    expect((await server.send('GET', '/metrics')).text).toMatch(/davit_http_request_seconds/)
    expect((await server.send('GET', '/.well-known/configuration')).json).toMatchObject({
      dhcore_api_level: '16',
      dhcore_api_version: 'v1',
      dhcore_endpoint: 'http://localhost:80',
    })
    for (const method of ['GET', 'POST'])
      expect((await server.send(method, '/api/auth')).json).toEqual({ username: 'anonymous', permissions: ['ROLE_USER', 'ROLE_ADMIN'] })
    expect((await server.send<{ openapi: string }>('GET', '/openapi.json')).json.openapi).toMatch(/^3\.1/)
    expect((await server.send('GET', '/docs/')).text).toContain('swagger')
    expect(await server.call(api.server.info, '/api/v1/server')).toMatchObject({
      version: '1.2.3',
      api_level: 16,
      engine: { name: 'memory', healthy: true },
      database: { embedded: true, healthy: true },
      runs: { active: 0 },
    })
  })
})

describe('projects', () => {
  test('need a name only', async () => {
    expect(await server.call(api.projects.create, '/api/v1/projects', { name: 'bare' })).toEqual({
      id: 'bare',
      kind: 'project',
      name: 'bare',
      project: 'bare',
      key: 'store://bare',
      user: 'anonymous',
      metadata: metadata('bare', 'bare'),
      spec: { config: {}, functions: [], artifacts: [], dataitems: [], models: [], workflows: [] },
      status: { state: 'CREATED' },
    })
  })

  test("keep what describes them; stamps and lists are the server's", async () => {
    const body = {
      kind: 'project',
      id: 'full',
      name: 'full',
      key: 'store://else',
      user: 'eve',
      metadata: {
        project: 'full',
        name: 'full',
        description: 'd',
        labels: ['a'],
        mine: 1,
        created: '1999-01-01T00:00:00Z',
        updated: '1999-01-01T00:00:00Z',
        created_by: 'eve',
        updated_by: 'eve',
      },
      spec: {
        source: './',
        functions: [{ name: 'ghost' }],
        artifacts: [],
        workflows: [],
        dataitems: [],
        models: [],
        config: { default_files_store: 's3://x' },
      },
      status: { state: 'DELETED' },
    }
    const made = await server.call(api.projects.create, '/api/v1/projects', body)
    expect(made).toMatchObject({
      key: 'store://full',
      user: 'anonymous',
      spec: { source: './', config: { default_files_store: 's3://x' }, functions: [] },
      status: { state: 'CREATED' },
    })
    expect(made.metadata).toMatchObject({ description: 'd', labels: ['a'], mine: 1, created_by: 'anonymous' })
    expect(made.metadata.created).not.toMatch(/^1999/)
    const changed = await server.call(api.projects.update, '/api/v1/projects/full', {
      ...body,
      metadata: { description: 'e', created: '1999-01-01T00:00:00Z' },
      spec: { source: 'git://x' },
    })
    expect(changed).toMatchObject({ metadata: { description: 'e', created: made.metadata.created }, spec: { source: 'git://x' } })
    expect(await server.call(api.projects.get, '/api/v1/projects/full')).toEqual(changed)
  })

  test('are listed by name in the envelope that official clients read', async () => {
    for (const name of ['page-b', 'page-a', 'page-c']) await server.call(api.projects.create, '/api/v1/projects', { name })
    const sort = { empty: false, sorted: true, unsorted: false }
    const page = await server.call(api.projects.list, '/api/v1/projects?name=page-&size=2&page=0')
    expect(page).toEqual({
      content: [expect.objectContaining({ name: 'page-a' }), expect.objectContaining({ name: 'page-b' })],
      pageable: { pageNumber: 0, pageSize: 2, sort, offset: 0, paged: true, unpaged: false },
      last: false,
      totalPages: 2,
      totalElements: 3,
      size: 2,
      number: 0,
      sort,
      first: true,
      numberOfElements: 2,
      empty: false,
    })
    expect(await server.call(api.projects.list, '/api/v1/projects?name=page-&size=2&page=1')).toMatchObject({
      content: [{ name: 'page-c' }],
      last: true,
      first: false,
      numberOfElements: 1,
    })
    expect(await server.call(api.projects.list, '/api/v1/projects?name=page-&size=2&page=2')).toMatchObject({ content: [], totalPages: 2, empty: true })
    expect(await server.call(api.projects.list, '/api/v1/projects?name=no-such')).toMatchObject({
      content: [],
      totalPages: 0,
      totalElements: 0,
      last: true,
      size: 25,
    })
  })

  test('are deleted once or twice; with things in them only with cascade', async () => {
    const { start } = await given(server, 'doomed')
    const run = await start('sleep infinity')
    expect(await server.send('DELETE', '/api/v1/projects/doomed')).toMatchObject({
      status: 409,
      json: { errorCode: 'conflict', hint: expect.stringContaining('cascade') },
    })
    for (let i = 0; i < 2; i++) expect(await server.send('DELETE', '/api/v1/projects/doomed?cascade=true')).toMatchObject({ status: 200, text: '' })
    expect((await server.send('GET', '/api/v1/projects/doomed')).status).toBe(404)
    await expect.poll(() => server.store.runs.findById(run.id), { timeout: 20_000 }).toBeUndefined()
    expect([...server.state.workloads.values()].filter(({ ref }) => ref.runId === run.id)).toEqual([])
  })
})

describe('functions', () => {
  test('are rows; those of one name are versions, and the newest counts', async () => {
    const P = '/api/v1/-/versions'
    await server.call(api.projects.create, '/api/v1/projects', { name: 'versions' })
    const make = (body: object) => server.call(api.functions.create, `${P}/functions`, { kind: 'container', name: 'hello', ...body })
    const first = await make({ spec: { image: 'app:1' }, metadata: { created: '2999-01-01T00:00:00Z' } })
    expect(first).toEqual({
      id: ID,
      kind: 'container',
      name: 'hello',
      project: 'versions',
      user: 'anonymous',
      key: `store://versions/function/container/hello:${first.id}`,
      metadata: metadata('versions', 'hello'),
      spec: { image: 'app:1', source: {} },
      status: { state: 'CREATED' },
    })
    const second = await make({ id: 'own-id-2', key: 'store://nonsense', spec: { image: 'app:2' }, metadata: { embedded: true } })
    expect(second.key).toBe('store://versions/function/container/hello:own-id-2')
    const ids = async (query: string) => (await server.call(api.functions.list, `${P}/functions${query}`)).content.map(({ id }) => id)
    expect(await ids('?name=hello&page=0')).toEqual(['own-id-2'])
    expect(await ids('?name=hello&versions=latest')).toEqual(['own-id-2'])
    expect(await ids('?versions=all&name=hello')).toEqual(['own-id-2', first.id])
    expect((await server.call(api.projects.get, '/api/v1/projects/versions')).spec.functions).toEqual([
      expect.objectContaining({ id: 'own-id-2', spec: { image: 'app:2', source: {} } }),
    ])
    await make({ id: 'own-id-3' })
    expect((await server.call(api.projects.get, '/api/v1/projects/versions')).spec.functions).toEqual([
      {
        id: 'own-id-3',
        kind: 'container',
        name: 'hello',
        project: 'versions',
        user: 'anonymous',
        key: 'store://versions/function/container/hello:own-id-3',
        metadata: { project: 'versions', name: 'hello' },
      },
    ])
    expect(await server.send('POST', `${P}/functions`, { body: { id: 'own-id-3', kind: 'container', name: 'other' } })).toMatchObject({
      status: 400,
      json: { message: 'Duplicated entity function:own-id-3.', errorCode: 'duplicate' },
    })
  })

  test('keep their spec when put, and may be described anew', async () => {
    const { P, functionId } = await given(server, 'put-function')
    const put = await server.call(api.functions.update, `${P}/functions/${functionId}`, {
      id: functionId,
      kind: 'container',
      name: 'renamed',
      spec: { image: 'evil:1' },
      metadata: { description: 'd' },
    })
    expect(put).toMatchObject({ name: 'hello', spec: { image: 'app:1' }, metadata: { description: 'd', name: 'hello' } })
    expect(await server.call(api.functions.get, `${P}/functions/${functionId}`)).toEqual(put)
  })

  test('keep what the client says of their status, and what the server noted of it', async () => {
    const { P } = await given(server, 'put-status')
    const made = await server.call(api.functions.create, `${P}/functions`, { kind: 'container', name: 'f', spec: { imgae: 'a' }, status: { mine: 1 } })
    const body = { kind: 'container', name: 'f', status: { mine: 2, state: 'ERROR', notes: [] } }
    const put = await server.call(api.functions.update, `${P}/functions/${made.id}`, body)
    expect(put.status).toEqual({ ...made.status, mine: 2 })
    const { status } = await server.call(api.functions.update, `${P}/functions/${made.id}`, { kind: 'container', name: 'f' })
    expect(status).toEqual(put.status)
  })

  test('are deleted with their tasks and runs', async () => {
    const { P, functionId, taskId, start } = await given(server, 'delete-function')
    const run = await start('sleep infinity')
    expect(await server.send('DELETE', `${P}/functions/${functionId}?cascade=true`)).toMatchObject({ status: 200, text: '' })
    expect((await server.send('DELETE', `${P}/functions/${functionId}`)).status).toBe(404)
    expect((await server.send('GET', `${P}/tasks/${taskId}`)).status).toBe(404)
    await expect.poll(() => server.store.runs.findById(run.id), { timeout: 20_000 }).toBeUndefined()
    for (let i = 0; i < 2; i++) expect((await server.send('DELETE', `${P}/functions?name=hello&cascade=true`)).status).toBe(200)
    const again = await (await given(server, 'delete-function')).start('sleep infinity')
    expect((await server.send('DELETE', `${P}/functions?name=hello&versions=all&cascade=false`)).status).toBe(200)
    await expect.poll(() => server.store.runs.findById(again.id), { timeout: 20_000 }).toBeUndefined()
  })

  test('are deleted without their runs where cascade is false: those end as they would have, and stay readable', async () => {
    const { P, ref, functionId, taskId, start } = await given(server, 'keep-runs')
    const [done, active] = [await start('echo kept'), await start('sleep 1')]
    await server.until('keep-runs', done.id, inState('COMPLETED'))
    expect(await server.send('DELETE', `${P}/tasks/${taskId}?cascade=false`)).toMatchObject({ status: 200, text: '' })
    expect(await server.send('DELETE', `${P}/functions/${functionId}?cascade=false`)).toMatchObject({ status: 200, text: '' })
    for (const gone of [`${P}/tasks/${taskId}`, `${P}/functions/${functionId}`]) expect((await server.send('GET', gone)).status).toBe(404)
    await server.until('keep-runs', active.id, inState('COMPLETED'))
    expect((await server.runs('keep-runs', `?function=${encodeURIComponent(ref)}`)).content.map(({ id }) => id).sort()).toEqual([done.id, active.id].sort())
    expect((await server.send('GET', `${P}/runs/${done.id}/logs`)).json).toMatchObject([{ content: Buffer.from('kept\n').toString('base64') }])
    expect((await server.send('DELETE', `${P}/runs/${done.id}?cascade=`)).status).toBe(200)
  })

  test.each(['', '-/keep-some/'])('below /api/v1/%s are deleted with their tasks; with their runs unless cascade says no', async (place) => {
    const isKept = async (cascade: string): Promise<boolean> => {
      const { P, functionId, taskId, start } = await given(server, 'keep-some')
      const { id } = await start('true')
      await server.until('keep-some', id, inState('COMPLETED'))
      expect(await server.send('DELETE', `/api/v1/${place}functions/${functionId}${cascade}`)).toMatchObject({ status: 200 })
      expect((await server.send('GET', `${P}/tasks/${taskId}`)).status).toBe(404)
      const run = await server.store.runs.findById(id)
      return run !== undefined && run.state !== 'DELETING'
    }
    expect(await isKept('?cascade=false')).toBe(true)
    for (const cascade of ['', '?cascade=', '?cascade=true']) expect(await isKept(cascade), cascade).toBe(false)
  })

  test('say which fields are not known, and keep them', async () => {
    const { P } = await given(server, 'unknown-field')
    const made = await server.call(api.functions.create, `${P}/functions`, {
      kind: 'container',
      name: 'x',
      spec: { imgae: 'a' },
      status: { mine: 1, state: 'ERROR' },
    })
    expect(made).toMatchObject({
      spec: { imgae: 'a' },
      status: { state: 'CREATED', mine: 1, notes: [{ code: 'unknown-field', path: 'spec.imgae', message: expect.stringContaining('did you mean image?') }] },
    })
  })

  test('may come as YAML', async () => {
    await given(server, 'yaml')
    const body = 'kind: container\nname: from-yaml\nspec:\n  image: app:1\n  args: ["a: b", "2026-01-01"]\nmetadata:\n  labels: ~\n'
    for (const type of ['application/x-yaml', 'application/yaml; charset=utf-8', 'text/yaml'])
      expect(await server.send('POST', '/api/v1/-/yaml/functions', { body, headers: { 'content-type': type } })).toMatchObject({
        status: 200,
        json: { name: 'from-yaml', spec: { args: ['a: b', '2026-01-01'] } },
      })
  })
})

describe('tasks', () => {
  test('belong to a function version, one of each kind', async () => {
    const { P, ref, taskId } = await given(server, 'tasks')
    expect(await server.call(api.tasks.get, `${P}/tasks/${taskId}`)).toEqual({
      id: taskId,
      kind: 'container+job',
      name: taskId,
      project: 'tasks',
      user: 'anonymous',
      key: `store://tasks/task/container+job/${taskId}`,
      metadata: metadata('tasks', taskId),
      spec: { function: ref },
      status: { state: 'CREATED' },
    })
    const again = await server.send('POST', `${P}/tasks`, { body: { id: 'second', kind: 'container+job', spec: { function: ref } } })
    expect(again).toMatchObject({ status: 400, json: { message: 'Duplicated entity task:second.' } })
    await server.call(api.tasks.create, `${P}/tasks`, { kind: 'container+serve', spec: { function: ref, replicas: 2 } })
    const ids = async (query: string) =>
      (await server.call(api.tasks.list, `${P}/tasks?function=${encodeURIComponent(ref)}${query}`)).content.map(({ kind }) => kind)
    expect(await ids('')).toEqual(['container+serve', 'container+job'])
    expect(await ids('&kind=container%2Bjob&page=0')).toEqual(['container+job'])
    expect(await ids('&kind=container+job')).toEqual(['container+job'])
    expect(await ids('&kind=job')).toEqual([])
  })

  test('may be changed, but not moved to another function', async () => {
    const { P, ref, taskId } = await given(server, 'put-task')
    const put = await server.call(api.tasks.update, `${P}/tasks/${taskId}`, {
      kind: 'container+job',
      spec: { function: 'container://put-task/other:x', backoff_limit: 2 },
    })
    expect(put.spec).toEqual({ function: ref, backoff_limit: 2 })
    expect(await server.send('DELETE', `${P}/tasks/${taskId}?cascade=true`)).toMatchObject({ status: 200, text: '' })
    expect((await server.send('DELETE', `${P}/tasks/${taskId}`)).status).toBe(404)
  })

  test.each([
    ['no-ref', 'must be container://'],
    ['container://bad-task/hello', 'must be container://'],
    ['container://bad-task/hello:none', 'does not exist'],
    ['container://other/hello:x', 'invalid project'],
  ])('of %s are refused', async (ref, message) => {
    await given(server, 'bad-task')
    expect(await server.send('POST', '/api/v1/-/bad-task/tasks', { body: { kind: 'container+job', spec: { function: ref } } })).toMatchObject({
      status: 400,
      json: { errorCode: 'invalid', path: 'spec.function', message: expect.stringContaining(message) },
    })
    expect(await server.send('GET', '/api/v1/-/bad-task/tasks?function=nonsense')).toMatchObject({ status: 400, json: { path: 'function' } })
  })
})

describe('secrets', () => {
  const P = '/api/v1/-/vault'
  beforeAll(() => given(server, 'vault'))

  test('are declared, then given a value, which no entity shows', async () => {
    const made = await server.call(api.secrets.create, `${P}/secrets`, {
      name: 'TOKEN',
      kind: 'secret',
      spec: { path: 'secret://TOKEN', provider: 'kubernetes' },
    })
    expect(made).toEqual({
      id: ID,
      kind: 'secret',
      name: 'TOKEN',
      project: 'vault',
      user: 'anonymous',
      key: 'store://vault/secret/secret/TOKEN',
      metadata: { ...metadata('vault', 'TOKEN'), version: made.id },
      spec: { path: 'secret://TOKEN', provider: 'kubernetes' },
      status: { state: 'CREATED' },
    })
    expect(await server.call(api.secrets.readData, `${P}/secrets/data?keys=TOKEN`)).toEqual({})
    expect(await server.send('PUT', `${P}/secrets/data`, { body: { TOKEN: 'hunter2-hunter2' } })).toMatchObject({ status: 200, text: '' })
    expect(await server.call(api.secrets.readData, `${P}/secrets/data?keys=TOKEN,NONE`)).toEqual({ TOKEN: 'hunter2-hunter2' })
    const [one, all] = [await server.send('GET', `${P}/secrets/${made.id}`), await server.send('GET', `${P}/secrets?page=0`)]
    for (const { status, text } of [one, all]) {
      expect(status).toBe(200)
      expect(text).not.toContain('hunter2')
    }
    expect(server.logged.join('')).not.toContain('hunter2')
  })

  test('are read and set under any number of names, each found in the audit', async () => {
    const text = (length: number) => randomBytes(length).toString('base64url').slice(0, length)
    const names = Array.from({ length: 30 }, () => text(250))
    for (const name of names) await server.call(api.secrets.create, `${P}/secrets`, { name })
    expect((await server.send('PUT', `${P}/secrets/data`, { body: Object.fromEntries(names.map((name) => [name, 'x'])) })).status).toBe(200)
    const read = await server.call(api.secrets.readData, `${P}/secrets/data?keys=${names.join(',')}&keys=${text(5000)}`)
    expect(Object.keys(read).sort()).toEqual(names.toSorted())
    for (const verb of ['secret.set', 'secret.read'])
      expect((await server.call(api.audit.list, `/api/v1/audit?project=vault&verb=${verb}&entity=${names[7]}`)).totalElements, verb).toBe(1)
    const many = Array.from({ length: 1001 }, (_, n) => `s${n}`)
    expect(await server.send('GET', `${P}/secrets/data?keys=${many.join(',')}`)).toMatchObject({ status: 400, json: { path: 'keys' } })
    const data = Object.fromEntries(many.map((name) => [name, 'x']))
    expect(await server.send('PUT', `${P}/secrets/data`, { body: data })).toMatchObject({ status: 400, json: { errorCode: 'invalid' } })
  })

  test('exist once in a project', async () => {
    await server.call(api.secrets.create, `${P}/secrets`, { name: 'once' })
    expect(await server.send('POST', `${P}/secrets`, { body: { name: 'once' } })).toMatchObject({
      status: 400,
      json: { message: 'Duplicated entity secret:once.' },
    })
  })

  test('of all names must be declared, or nothing is written', async () => {
    await server.call(api.secrets.create, `${P}/secrets`, { name: 'half' })
    expect(await server.send('PUT', `${P}/secrets/data`, { body: { half: 'x', ghost: 'y' } })).toMatchObject({
      status: 400,
      json: { message: expect.stringMatching(/^missing secrets for ghost/) },
    })
    expect(await server.call(api.secrets.readData, `${P}/secrets/data?keys=half`)).toEqual({})
  })

  test('are deleted with their value', async () => {
    const { id } = await server.call(api.secrets.create, `${P}/secrets`, { name: 'gone' })
    await server.send('PUT', `${P}/secrets/data`, { body: { gone: 'x' } })
    expect(await server.send('DELETE', `${P}/secrets/${id}`)).toMatchObject({ status: 200, text: '' })
    expect((await server.send('DELETE', `${P}/secrets/${id}`)).status).toBe(404)
    expect(await server.call(api.secrets.readData, `${P}/secrets/data?keys=gone`)).toEqual({})
  })

  test('reach the container that asked for them, and neither its status nor its log at the server', async () => {
    const { start, submit } = await given(server, 'vault')
    for (const name of ['PASSWORD', 'constructor']) await server.send('POST', `${P}/secrets`, { body: { name } })
    await server.send('PUT', `${P}/secrets/data`, { body: { PASSWORD: 'first-line\nsecond-line' } })
    const run = await start('echo "$PASSWORD"; exit 3', { secrets: ['PASSWORD'] })
    const done = await server.until('vault', run.id, inState('ERROR'))
    expect(done.status.verdict).toMatchObject({ code: 'exit-nonzero', evidence: ['[secret]', '[secret]'] })
    const text = JSON.stringify([await server.runOf('vault', run.id), server.logged])
    expect(text).not.toMatch(/first-line|second-line/)
    const missing = await start('echo never', { secrets: ['constructor'] })
    expect((await server.until('vault', missing.id, inState('ERROR'))).status.verdict).toMatchObject({
      code: 'secret-missing',
      evidence: [expect.stringContaining('constructor')],
    })
    expect(await submit({ secrets: ['ghost'] })).toMatchObject({ status: 400, json: { path: 'spec.secrets', message: expect.stringContaining('ghost') } })
  })
})

test('a body that names another project than the path is refused, whatever it is of', async () => {
  const { P, ref, taskRef, functionId, taskId, start } = await given(server, 'mine-not-yours')
  const { id } = await start('true')
  const secret = (await server.send<{ id: string }>('POST', `${P}/secrets`, { body: { name: 'key' } })).json
  const project = 'yours'
  const task = { project, kind: 'container+job', spec: { function: ref } }
  const run = { project, kind: 'container+job:run', spec: { task: taskRef } }
  const fn = { project, kind: 'container', name: 'hello', spec: { image: 'app:1' } }
  for (const [method, path, body] of [
    ['POST', 'functions', fn],
    ['PUT', `functions/${functionId}`, fn],
    ['POST', 'tasks', { ...task, kind: 'container+serve' }],
    ['PUT', `tasks/${taskId}`, task],
    ['POST', 'runs', run],
    ['PUT', `runs/${id}`, run],
    ['POST', 'secrets', { project, name: 'other' }],
    ['PUT', `secrets/${secret.id}`, { project, name: 'key' }],
  ] as const)
    expect((await server.send(method, `${P}/${path}`, { body })).json, `${method} ${path}`).toMatchObject({
      status: 400,
      path: 'project',
      message: expect.stringContaining('invalid project'),
    })
})

test('lists of what has no state of its own are sorted by it all the same', async () => {
  const { P } = await given(server, 'stateless')
  for (const list of ['functions', 'tasks', 'secrets', 'runs']) expect((await server.send('GET', `${P}/${list}?sort=state,ASC`)).status, list).toBe(200)
})

test('an answer to a list of runs conforms too', async () => {
  const { P, start } = await given(server, 'conform')
  const run: Run = await start('true')
  await server.until('conform', run.id, inState('COMPLETED'))
  expect((await server.call(api.runs.list, `${P}/runs`)).content).toHaveLength(1)
  expect((await server.call(api.logs.list, `${P}/logs?run=${run.id}`)).content).toHaveLength(1)
  expect((await server.call(api.logs.list, `${P}/logs?sort=name,ASC`)).content).toHaveLength(1)
})
