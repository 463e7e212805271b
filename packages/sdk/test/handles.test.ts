import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Davit, deleteFunction, getFunction, getOrCreateProject, getRun, listRuns, newFunction, type Run, type RunParameters, toBase64 } from 'davit'
import { describe, expect, test } from 'vitest'
import { type Answer, deserted, type FakeServer, fakeServer, json, ndjson, refuse, routes } from './fake-server.ts'
import { chunk, pageOf, SERVICE, sampleFunction, sampleProject, sampleRun, sampleTask } from './sample.ts'

const P = '/api/v1/-/demo'
const missing = refuse(404, 'not_found', 'No such thing.')
const clientOf = ({ url }: FakeServer) => new Davit({ endpoint: url, token: '' })
const bodyOf = (server: FakeServer, method: string, path: string): unknown => server.seen.find((one) => one.method === method && one.path === path)?.body
const callsOf = (server: FakeServer): string[] => server.seen.map(({ method, path }) => `${method} ${path}`)
const projectOn = (server: FakeServer) => getOrCreateProject('demo', { endpoint: server.url })

/** A server with a project, a function, its task, and one run as given. */
const house = (run: Run = sampleRun('READY'), more: Readonly<Record<string, Answer>> = {}): Promise<FakeServer> =>
  fakeServer(
    routes({
      'GET /api/v1/projects/demo': json(sampleProject()),
      [`POST ${P}/functions`]: json(sampleFunction()),
      [`GET ${P}/functions`]: json(pageOf([sampleFunction()])),
      [`GET ${P}/functions/f1`]: json(sampleFunction()),
      [`GET ${P}/tasks`]: json(pageOf([sampleTask()])),
      [`GET ${P}/runs`]: json(pageOf([run])),
      [`GET ${P}/runs/r1`]: json(run),
      [`POST ${P}/runs`]: json(run),
      [`POST ${P}/runs/r1/stop`]: json({ ...run, status: { state: 'STOP' } }),
      ...more,
    }),
  )

describe('projects', () => {
  test('one that is missing is made, with its description', async () => {
    const server = await fakeServer(missing, json(sampleProject()))
    const project = await getOrCreateProject('demo', { endpoint: server.url, description: 'a demo', labels: ['x'] })
    expect(project.key).toBe('store://demo')
    expect(server.seen[1]).toMatchObject({
      method: 'POST',
      path: '/api/v1/projects',
      body: { name: 'demo', metadata: { description: 'a demo', labels: ['x'] } },
    })
  })

  test('one that somebody else makes at the same moment is taken', async () => {
    const server = await fakeServer(missing, refuse(400, 'duplicate', 'Duplicated entity project:demo.'), json(sampleProject()))
    expect((await projectOn(server)).name).toBe('demo')
  })

  test('only "not found" leads to making one', async () => {
    const server = await fakeServer(refuse(403, 'forbidden', 'no'))
    await expect(projectOn(server)).rejects.toMatchObject({ code: 'forbidden' })
    expect(server.seen).toHaveLength(1)
  })

  test('an update keeps what it does not name', async () => {
    const server = await house(undefined, { 'PUT /api/v1/projects/demo': json(sampleProject()) })
    await (await projectOn(server)).update({ description: 'new' })
    expect(bodyOf(server, 'PUT', '/api/v1/projects/demo')).toMatchObject({
      name: 'demo',
      metadata: { description: 'new', created: '2026-01-01T00:00:00.000Z' },
      spec: { source: './' },
    })
  })
})

describe('functions', () => {
  test('the parameters of the Python SDK become the entity of the wire', async () => {
    const server = await house()
    const endpoint = server.url
    await newFunction(
      {
        project: 'demo',
        name: 'hello',
        kind: 'container',
        uuid: 'abc',
        description: 'd',
        labels: ['l'],
        embedded: true,
        source_remote: 'git@x',
        image: 'i',
        command: 'sh',
        args: ['-c', 'x'],
        code: 'é',
      },
      { endpoint },
    )
    expect(bodyOf(server, 'POST', `${P}/functions`)).toEqual({
      id: 'abc',
      name: 'hello',
      kind: 'container',
      metadata: { description: 'd', labels: ['l'], embedded: true, source_remote: 'git@x' },
      spec: { image: 'i', command: 'sh', args: ['-c', 'x'], source: { base64: 'w6k=' } },
    })
  })

  test('code comes from a URI, or from a named content', async () => {
    const server = await house()
    const project = await projectOn(server)
    await project.newFunction({ name: 'a', code_src: 'git+https://example.org/x#main', handler: 'h' })
    await project.newFunction({ name: 'b', code_src: 'main.py', lang: 'python', code: new Uint8Array([1, 2]) })
    const sources = server.seen.filter(({ method }) => method === 'POST').map(({ body }) => body)
    expect(sources).toMatchObject([
      { spec: { source: { source: 'git+https://example.org/x#main', handler: 'h' } } },
      { spec: { source: { source: 'main.py', lang: 'python', base64: 'AQI=' } } },
    ])
  })

  test('a local file is refused with what to do, before anything is sent', async () => {
    const server = await house()
    await expect(newFunction({ project: 'demo', name: 'a', code_src: 'main.py' }, { endpoint: server.url })).rejects.toMatchObject({
      code: 'invalid',
      path: 'code_src',
      hint: 'give its content as code or base64',
    })
    expect(server.seen).toHaveLength(0)
  })

  test('an unknown parameter is refused with the nearest one', async () => {
    const server = await house()
    const mistyped: { name: string; imgae: string } = { name: 'a', imgae: 'x' }
    await expect((await projectOn(server)).newFunction(mistyped)).rejects.toMatchObject({ code: 'invalid', path: 'imgae', hint: 'did you mean image?' })
  })

  test('one is found by name, by id and by key', async () => {
    const server = await house()
    const options = { project: 'demo', endpoint: server.url }
    const found = [
      await getFunction('hello', options),
      await getFunction('hello', { ...options, id: 'f1' }),
      await getFunction('store://demo/function/container/hello:f1', { endpoint: server.url }),
    ]
    expect(found.map(({ id }) => id)).toEqual(['f1', 'f1', 'f1'])
    expect(callsOf(server)).toEqual([`GET ${P}/functions`, `GET ${P}/functions/f1`, `GET ${P}/functions/f1`])
  })

  test('a name without a project cannot be found, and says so', async () => {
    await expect(getFunction('hello')).rejects.toMatchObject({ code: 'invalid', path: 'project' })
  })

  test('a name that no function has is told with name and project', async () => {
    const server = await fakeServer(json(pageOf([])))
    await expect(getFunction('gone', { project: 'demo', endpoint: server.url })).rejects.toMatchObject({
      code: 'not_found',
      message: 'No such function. There is none named gone in project demo.',
    })
  })

  test('one version or all of them are deleted', async () => {
    const server = await fakeServer(json(true))
    await deleteFunction('store://demo/function/container/hello:f1', { endpoint: server.url })
    await deleteFunction('hello', { project: 'demo', allVersions: true, endpoint: server.url })
    expect(callsOf(server)).toEqual([`DELETE ${P}/functions/f1`, `DELETE ${P}/functions`])
    expect(server.seen[1]?.query.get('name')).toBe('hello')
  })
})

describe('running a function', () => {
  test('takes its task and submits a run with all parameters under their wire names', async () => {
    const server = await house()
    const fn = await (await projectOn(server)).getFunction('hello')
    const run = await fn.run('serve', { service_ports: [{ port: 8085, target_port: 8501 }], service_type: 'NodePort', name: 'my-run', labels: ['word'] })
    expect(run.id).toBe('r1')
    expect(bodyOf(server, 'POST', `${P}/runs`)).toMatchObject({
      kind: 'container+serve:run',
      name: 'my-run',
      metadata: { labels: ['word'], relationships: [{ type: 'run_of', dest: 'store://demo/function/container/hello:f1' }] },
      spec: {
        task: 'container+job://demo/t1',
        function: 'container://demo/hello:f1',
        service_ports: [{ port: 8085, target_port: 8501 }],
        service_type: 'NodePort',
        labels: ['word'],
      },
    })
  })

  test('makes the task when there is none', async () => {
    const server = await house(undefined, { [`GET ${P}/tasks`]: json(pageOf([])), [`POST ${P}/tasks`]: json(sampleTask()) })
    await (await (await projectOn(server)).getFunction('hello')).run('job')
    expect(bodyOf(server, 'POST', `${P}/tasks`)).toMatchObject({ kind: 'container+job', spec: { function: 'container://demo/hello:f1' } })
  })

  test('takes the task that somebody else makes at the same moment', async () => {
    const lists = [json(pageOf([])), json(pageOf([sampleTask()]))]
    const server = await house(undefined, {
      [`GET ${P}/tasks`]: (response, seen) => lists.shift()?.(response, seen),
      [`POST ${P}/tasks`]: refuse(400, 'duplicate', 'Duplicated entity task:t1.'),
    })
    const run = await (await (await projectOn(server)).getFunction('hello')).run('job')
    expect(run.state).toBe('READY')
  })

  test('an unknown parameter or action is refused with the nearest one, before anything is sent', async () => {
    const server = await house()
    const fn = await (await projectOn(server)).getFunction('hello')
    const before = server.seen.length
    const mistyped = { service_port: [] } as RunParameters
    await expect(fn.run('serve', mistyped)).rejects.toMatchObject({
      code: 'invalid',
      message: 'a run has no parameter service_port',
      hint: 'did you mean service_ports?',
    })
    // @ts-expect-error no such action
    await expect(fn.run('jbo')).rejects.toMatchObject({ code: 'invalid', path: 'action', hint: 'did you mean job?' })
    expect(server.seen).toHaveLength(before)
  })

  test('with wait it returns the finished run', async () => {
    const server = await house(undefined, { [`GET ${P}/runs/r1/watch`]: ndjson([sampleRun('RUNNING'), sampleRun('COMPLETED')]) })
    expect((await (await (await projectOn(server)).getFunction('hello')).run('job', { wait: true })).state).toBe('COMPLETED')
    expect(bodyOf(server, 'POST', `${P}/runs`)).not.toHaveProperty('spec.wait')
  })

  test('defaults of a task are set for the parameters given, the others stay', async () => {
    const task = { ...sampleTask(), spec: { function: 'container://demo/hello:f1', replicas: 2, profile: 'big' } }
    const server = await house(undefined, { [`GET ${P}/tasks`]: json(pageOf([task])), [`PUT ${P}/tasks/t1`]: json(task) })
    await (await (await projectOn(server)).getFunction('hello')).updateTask('deploy', { replicas: 3 })
    expect(bodyOf(server, 'PUT', `${P}/tasks/t1`)).toMatchObject({ id: 't1', spec: { function: 'container://demo/hello:f1', replicas: 3, profile: 'big' } })
  })
})

describe('runs', () => {
  test('one is found by key and by id, and lists give handles', async () => {
    const server = await house()
    const endpoint = server.url
    const found = [
      await getRun('store://demo/run/container+job:run/r1:r1', { endpoint }),
      await getRun('r1', { project: 'demo', endpoint }),
      ...(await listRuns('demo', {}, { endpoint })),
    ]
    expect(found.map(({ id }) => id)).toEqual(['r1', 'r1', 'r1'])
  })

  test('logs are text and bytes of each container', async () => {
    const content = new Uint8Array([0xff, 0x41])
    const log = {
      ...sampleRun('COMPLETED'),
      id: 'c',
      kind: 'log',
      run: 'r1',
      content: toBase64(content),
      spec: { run: 'r1' },
      status: { state: 'CREATED', container: 'c', pod: 'p', namespace: 'n' },
    }
    const server = await house(undefined, { [`GET ${P}/runs/r1/logs`]: json([{ ...log, extensions: { container: 'c', pod: 'p', namespace: 'n' } }]) })
    expect(await (await getRun('r1', { project: 'demo', endpoint: server.url })).logs()).toEqual([{ container: 'c', text: '\ufffdA', bytes: content }])
  })

  test('followed logs give a character that was cut between two chunks whole', async () => {
    const [first, second] = [new Uint8Array([0x61, 0xc3]), new Uint8Array([0xa9])].map(toBase64)
    const chunks = [
      { ...chunk('', 0), data: first },
      { ...chunk('', 2, { end: true }), data: second },
    ]
    const server = await house(undefined, { [`GET ${P}/runs/r1/logs/stream`]: ndjson(chunks) })
    const texts = (await Array.fromAsync((await getRun('r1', { project: 'demo', endpoint: server.url })).followLogs())).map(({ text }) => text)
    expect(texts).toEqual(['a', 'é'])
    expect(server.seen.at(-1)?.query.get('follow')).toBe('true')
  })

  test('stop shows in the handle', async () => {
    const server = await house()
    const run = await getRun('r1', { project: 'demo', client: clientOf(server) })
    expect((await run.stop()).state).toBe('STOP')
  })

  test('a service is invoked at its address, without the token', async () => {
    const service = await fakeServer(json({ hello: 'there' }))
    const server = await house(sampleRun('RUNNING', { action: 'serve', service: { ...SERVICE, url: new URL(service.url).host } }))
    const run = await getRun('r1', { project: 'demo', endpoint: server.url, token: 'secret' })
    expect(await (await run.invoke('/v1?x=1', { body: '{}' })).json()).toEqual({ hello: 'there' })
    expect(service.seen[0]).toMatchObject({ method: 'POST', path: '/v1' })
    expect(service.seen[0]?.headers.authorization).toBeUndefined()
    await expect(run.invoke('http://elsewhere.example/')).rejects.toMatchObject({ code: 'invalid' })
  })

  test('a service without an address yet says what to wait for', async () => {
    const server = await house(sampleRun('READY', { action: 'serve' }))
    await expect((await getRun('r1', { project: 'demo', endpoint: server.url })).invoke()).rejects.toMatchObject({
      code: 'unavailable',
      hint: "wait for it with run.wait({ until: 'ready' })",
    })
  })

  test('a service whose machine takes no connections yet is asked again', async () => {
    const url = await deserted()
    const server = await house(sampleRun('RUNNING', { action: 'serve', service: { ...SERVICE, url: new URL(url).host } }))
    const asked = (await getRun('r1', { project: 'demo', endpoint: server.url })).invoke()
    await sleep(300)
    const { port, hostname } = new URL(url)
    const late = createServer((_, response) => response.end('here')).listen(Number(port), hostname)
    try {
      expect(await (await asked).text()).toBe('here')
    } finally {
      late.close()
    }
  })

  test('a service that does not answer is told as such', async () => {
    const url = await deserted()
    const server = await house(sampleRun('RUNNING', { action: 'serve', service: { ...SERVICE, url: new URL(url).host } }))
    await expect((await getRun('r1', { project: 'demo', endpoint: server.url })).invoke()).rejects.toMatchObject({ code: 'unreachable' })
  })
})

describe('secrets', () => {
  const secret = (name: string) => ({ ...sampleProject(), id: `id-${name}`, name, kind: 'secret', spec: { path: `secret://${name}`, provider: 'kubernetes' } })

  test('setting values declares those that are missing, then writes all', async () => {
    const server = await house(undefined, {
      [`GET ${P}/secrets`]: json(pageOf([secret('old')])),
      [`POST ${P}/secrets`]: json(secret('new')),
      [`PUT ${P}/secrets/data`]: (response) => void response.end(),
    })
    await clientOf(server).secrets.set('demo', { old: '1', new: '2' })
    expect(callsOf(server)).toEqual([`GET ${P}/secrets`, `POST ${P}/secrets`, `PUT ${P}/secrets/data`])
    expect(bodyOf(server, 'POST', `${P}/secrets`)).toMatchObject({ name: 'new', spec: { path: 'secret://new' } })
    expect(bodyOf(server, 'PUT', `${P}/secrets/data`)).toEqual({ old: '1', new: '2' })
  })

  test('a new secret has its value, and reads it back', async () => {
    const server = await house(undefined, {
      [`POST ${P}/secrets`]: json(secret('token')),
      [`GET ${P}/secrets`]: json(pageOf([secret('token')])),
      [`PUT ${P}/secrets/data`]: (response) => void response.end(),
      [`GET ${P}/secrets/data`]: json({ token: 'abc' }),
    })
    const made = await (await projectOn(server)).newSecret({ name: 'token', secret_value: 'abc' })
    expect(await made.readValue()).toBe('abc')
    expect(JSON.stringify(made)).not.toContain('abc')
  })
})
