import { api, Log, Run } from 'davit/contract'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { memoryState } from '#engines/memory/state.ts'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { given, inState, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

const databases = databasesForTests()
let server: ServerForTests
beforeAll(async () => {
  server = await serverForTests(await databases.fresh())
})

const STAMP = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('a job', () => {
  test('is READY when submitted, and COMPLETED with its log at the end', async () => {
    const { P, ref, taskRef, kind, submit } = await given(server, 'jobs')
    const { status, json } = await submit({ args: ['echo', 'hello'] }, { project: 'jobs', metadata: { labels: ['x'] } })
    expect(status).toBe(200)
    const { id } = Run.parse(json)
    expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(json).toEqual({
      id,
      kind,
      name: id,
      project: 'jobs',
      user: 'anonymous',
      key: `store://jobs/run/${kind}/${id}:${id}`,
      metadata: { project: 'jobs', name: id, version: id, labels: ['x'], created: STAMP, updated: STAMP, created_by: 'anonymous', updated_by: 'anonymous' },
      spec: { task: taskRef, function: ref, local_execution: false, image: 'app:1', source: {}, args: ['echo', 'hello'] },
      status: {
        state: 'READY',
        phase: 'queued',
        transitions: [
          { status: 'READY', time: STAMP },
          { status: 'BUILT', time: STAMP },
        ],
        attempts: [],
      },
      extensions: [],
    })
    const done = await server.until('jobs', id, inState('COMPLETED'))
    expect(done.status).toMatchObject({
      phase: 'finished',
      attempts: [{ number: 1, object: `davit-job-${id}-1`, uid: expect.any(String), outcome: 'succeeded', exit_code: 0, started: STAMP, ended: STAMP }],
      containers: [{ name: `davit-job-${id}-1-0`, state: 'ended', exit_code: 0, attempt: 1 }],
    })
    expect(done.status.verdict).toBeUndefined()
    expect(done.status.transitions?.map(({ status: state }) => state)).toEqual(expect.arrayContaining(['COMPLETED', 'READY', 'BUILT']))
    const container = `davit-job-${id}-1-0`
    const place = { container, pod: container, namespace: 'jobs' }
    expect(await server.call(api.runs.logs, `${P}/runs/${id}/logs`)).toEqual([
      {
        id: container,
        name: container,
        kind: 'log',
        project: 'jobs',
        user: 'anonymous',
        run: id,
        key: `store://jobs/log/log/${container}`,
        metadata: { project: 'jobs', name: container, created: STAMP, updated: STAMP },
        spec: { run: id },
        status: { state: 'CREATED', ...place },
        extensions: place,
        content: base64('hello\n'),
      },
    ])
  })

  test('that ends badly says so with its exit code and last lines', async () => {
    const { start } = await given(server, 'bad-end')
    const { id } = await start('echo one; echo two; exit 3')
    const { status } = await server.until('bad-end', id, inState('ERROR'))
    expect(status).toMatchObject({
      phase: 'finished',
      verdict: { code: 'exit-nonzero', exit_code: 3, evidence: ['one', 'two'] },
      message: expect.stringContaining('exit code 3: two'),
      attempts: [{ outcome: 'failed', exit_code: 3 }],
    })
    expect(status.transitions?.[0]).toMatchObject({ status: 'ERROR', message: status.message })
  })

  test('is tried again as often as allowed, each time under a new number', async () => {
    const { start } = await given(server, 'retries')
    const { id } = await start('exit 1', { backoff_limit: 1 })
    const { status } = await server.until('retries', id, inState('ERROR'))
    expect(status.attempts).toMatchObject([
      { number: 1, outcome: 'failed' },
      { number: 2, outcome: 'failed' },
    ])
    expect([...server.state.starts.entries()].filter(([name]) => name.includes(id))).toEqual([
      [`davit-job-${id}-1-0`, 1],
      [`davit-job-${id}-2-0`, 1],
    ])
    expect((await server.call(api.runs.logs, `/api/v1/-/retries/runs/${id}/logs`)).map((log) => log.id)).toEqual([`davit-job-${id}-2-0`, `davit-job-${id}-1-0`])
  })

  test.each([
    ['missing:1', 'image-not-found'],
    ['denied:1', 'image-access-denied'],
    ['UPPER:1', 'image-bad-name'],
  ])('of image %s ends with a sentence that names it', async (image, code) => {
    const project = `image-${image.split(':')[0]?.toLowerCase()}`
    const { start } = await given(server, project, { spec: { image } })
    const { id } = await start('true')
    const { status } = await server.until(project, id, inState('ERROR'))
    expect(status).toMatchObject({ verdict: { code }, message: expect.stringContaining(image) })
  })

  test('gets its arguments and variables byte for byte', async () => {
    const { P, submit } = await given(server, 'bytes')
    const text = 'a\n"b"\'c\' $x `d` \\ 日本 😀 x=y'
    const done = async (spec: object) => {
      const { json } = await submit(spec)
      await server.until('bytes', json.id, inState('COMPLETED', 'ERROR'))
      return Buffer.from((await server.call(api.runs.logs, `${P}/runs/${json.id}/logs`))[0]?.content ?? '', 'base64').toString()
    }
    expect(await done({ args: ['echo', text] })).toBe(`${text}\n`)
    expect(await done({ args: ['printenv', 'A'], envs: [{ name: 'A', value: text }] })).toBe(`${text}\n`)
    expect(await done({ args: ['printenv', 'A'], env: { A: 1 } })).toBe('1\n')
  })

  test('of the client itself stays as it was made', async () => {
    const { P, submit } = await given(server, 'local')
    const { json } = await submit({ local_execution: true })
    expect(json.status).toMatchObject({ state: 'CREATED', transitions: [] })
    expect(await server.send('POST', `${P}/runs/${json.id}/stop`)).toMatchObject({ status: 200 })
    await server.until('local', json.id, inState('STOPPED'))
  })

  test('of SDK 0.13 has one kind for all actions, and keeps it', async () => {
    const { submit } = await given(server, 'legacy')
    expect(await submit({}, { kind: 'container+run' })).toMatchObject({ status: 200, json: { kind: 'container+run' } })
  })

  test('says what its engine cannot honour and which fields nobody knows', async () => {
    const { start } = await given(server, 'notes')
    const { id } = await start('true', { node_selector: [{ key: 'a', value: 'b' }], replicas: 2, service_port: 1, image: 'else:2', resources: { gpu: 1 } })
    const { status } = await server.until('notes', id, inState('COMPLETED'))
    expect(status.notes?.map(({ code, path }) => `${code} ${path}`).toSorted()).toEqual(
      [
        'not-for-action spec.replicas',
        'not-honoured spec.image',
        'not-honoured spec.node_selector',
        'not-honoured spec.resources.gpu',
        'unknown-field spec.service_port',
      ].toSorted(),
    )
  })
})

describe('a service', () => {
  const ports = { service_ports: [{ port: 8085, target_port: 8501 }], service_type: 'NodePort' }

  test('is RUNNING when it answers, and says where; stopping it keeps its log', async () => {
    const { P, submit } = await given(server, 'web', { action: 'serve' })
    const { json } = await submit({ args: ['sh', '-c', 'echo up; httpd -p 8501'], ...ports })
    const { status } = await server.until('web', json.id, inState('RUNNING'))
    expect(status).toMatchObject({
      phase: 'running',
      service: {
        name: 'hello',
        namespace: 'web',
        type: 'NodePort',
        ports: [{ port: 8085, targetPort: 8501, protocol: 'TCP', nodePort: expect.any(Number) }],
        url: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      },
    })
    const stopping = await server.send<Run>('POST', `${P}/runs/${json.id}/stop`, { body: {} })
    expect(stopping).toMatchObject({ status: 200, json: { status: { state: 'STOP', phase: 'stopping' } } })
    const stopped = await server.until('web', json.id, inState('STOPPED'))
    expect(stopped.status).toMatchObject({ verdict: { code: 'stopped-by-user' }, phase: 'finished' })
    expect(stopped.status.service).toBeUndefined()
    expect((await server.call(api.runs.logs, `${P}/runs/${json.id}/logs`))[0]?.content).toBe(base64('up\n'))
  })

  test('that keeps ending is an error with the reason, not tried for ever', async () => {
    const state = memoryState({ restartAfterMs: 100 }) // the end must be judged before the next start
    onTestFinished(() => state.clear())
    const patient = await serverForTests(await databases.fresh(), { state })
    onTestFinished(patient.close)
    const { submit } = await given(patient, 'loop', { action: 'deploy' })
    const { json } = await submit({ args: ['sh', '-c', 'echo no config; exit 2'], backoff_limit: 3 })
    const { status } = await patient.until('loop', json.id, inState('ERROR'))
    expect(status).toMatchObject({
      verdict: { code: 'crash-loop', evidence: [expect.stringContaining('exit code 2'), ...Array.from({ length: 6 }, () => 'no config')] },
      attempts: [{ number: 1 }],
    })
    expect(status.attempts).toHaveLength(1)
  })

  test('has as many replicas as asked, each with its log', async () => {
    const { P, start } = await given(server, 'replicas', { action: 'deploy' })
    const { id } = await start('hostname; sleep infinity', { replicas: 3 })
    const { status } = await server.until('replicas', id, ({ status: now }) => now.containers?.filter(({ ready }) => ready).length === 3)
    expect(status.containers?.map(({ replica }) => replica)).toEqual([0, 1, 2])
    const logs = await server.call(api.runs.logs, `${P}/runs/${id}/logs`)
    expect(logs.map(({ content }) => Buffer.from(content, 'base64').toString())).toEqual(logs.map((log) => `${log.id}\n`))
  })

  test('that somebody else removed is made anew', async () => {
    const { start } = await given(server, 'removed', { action: 'deploy' })
    const { id } = await start('sleep infinity')
    await server.until('removed', id, inState('RUNNING'))
    const found = [...server.state.workloads.entries()].find(([, { ref }]) => ref.runId === id)
    server.state.workloads.delete(found?.[0] ?? '')
    server.state.hints.send(id)
    const { status } = await server.until('removed', id, ({ status: now }) => now.attempts?.length === 2 && now.containers?.[0]?.attempt === 2)
    expect(status).toMatchObject({ state: 'RUNNING', attempts: [{ outcome: 'replaced' }, { number: 2 }], notes: [{ code: 'replaced' }, { code: 'log-lost' }] })
  })
})

describe('stop and delete', () => {
  test('stop takes no body, or an empty one, in any letters, once or twice', async () => {
    const { P, start } = await given(server, 'stops', { action: 'deploy' })
    for (const ask of [{}, { body: '{}' }, { headers: { 'content-type': 'application/json' }, body: '' }]) {
      const { id } = await start('trap "" TERM; sleep infinity', { termination_grace_period_seconds: 1 })
      for (const action of ['stop', 'STOP'])
        expect(await server.send('POST', `${P}/runs/${id}/${action}`, ask)).toMatchObject({ status: 200, json: { status: { state: 'STOP' } } })
      await server.until('stops', id, inState('STOPPED'))
    }
  })

  test('what has ended cannot be stopped', async () => {
    const { P, start } = await given(server, 'ended')
    const { id } = await start('true')
    await server.until('ended', id, inState('COMPLETED'))
    expect(await server.send('POST', `${P}/runs/${id}/stop`)).toMatchObject({
      status: 400,
      json: { status: 400, errorCode: 'illegal_transition', message: 'Invalid transition from state COMPLETED to state STOP.' },
    })
    expect(await server.send('POST', `${P}/runs/${id}/resume`)).toMatchObject({
      status: 400,
      json: { message: 'Invalid transition from state COMPLETED to state READY.' },
    })
    expect(await server.send('POST', `${P}/runs/${id}/stpo`)).toMatchObject({ status: 400, json: { path: 'action', hint: 'did you mean stop?' } })
    expect(await server.send('POST', `${P}/runs/${id}/constructor`)).toMatchObject({ status: 400, json: { path: 'action' } })
  })

  test('many who stop at once, while it ends, all get an answer, and it ends once', async () => {
    const { P, start } = await given(server, 'race')
    for (let round = 0; round < 5; round++) {
      const { id } = await start(`sleep 0.0${round}`)
      const answers = await Promise.all(Array.from({ length: 6 }, () => server.send('POST', `${P}/runs/${id}/stop`)))
      expect(answers.every(({ status }) => status === 200 || status === 400)).toBe(true)
      const { status } = await server.until('race', id, inState('STOPPED', 'COMPLETED'))
      expect(status.transitions?.filter(({ status: state }) => state === 'STOPPED' || state === 'COMPLETED')).toHaveLength(1)
      expect(status.transitions?.filter(({ status: state }) => state === 'STOP').length).toBeLessThanOrEqual(1)
    }
  })

  test('a running run is stopped, removed and forgotten', async () => {
    const { P, start } = await given(server, 'deletes', { action: 'deploy' })
    const { id } = await start('sleep infinity')
    await server.until('deletes', id, inState('RUNNING'))
    const answer = await server.send('DELETE', `${P}/runs/${id}`)
    expect(Run.parse(answer.json)).toMatchObject({ id, status: { state: 'DELETING', phase: 'deleting' } })
    await expect.poll(async () => (await server.send('GET', `${P}/runs/${id}`)).status, { timeout: 20_000 }).toBe(404)
    expect(await server.send('DELETE', `${P}/runs/${id}`)).toMatchObject({ status: 404, json: { message: expect.stringContaining('No such run.') } })
    expect([...server.state.workloads.keys()].filter((name) => name.includes(id))).toEqual([])
    expect((await server.send('GET', `${P}/runs/${id}/logs`)).status).toBe(404)
  })

  test('an ended run is deleted too, by POST as well', async () => {
    const { P, start } = await given(server, 'delete-ended')
    const { id } = await start('true')
    await server.until('delete-ended', id, inState('COMPLETED'))
    expect(await server.send('POST', `${P}/runs/${id}/delete`)).toMatchObject({ status: 200, json: { status: { state: 'DELETING' } } })
    await expect.poll(async () => (await server.send('GET', `${P}/runs/${id}`)).status, { timeout: 20_000 }).toBe(404)
  })
})

describe('what a client puts', () => {
  test('describes a run, and changes neither its state nor its spec nor what the server said', async () => {
    const { P, kind, taskRef, start } = await given(server, 'put-run')
    const { id } = await start('true')
    const before = await server.until('put-run', id, inState('COMPLETED'))
    const forged = {
      id,
      kind,
      project: 'put-run',
      key: 'store://x',
      user: 'eve',
      metadata: { description: 'mine', created: '1999-01-01T00:00:00Z', created_by: 'eve' },
      spec: { task: taskRef, image: 'evil:1', args: ['evil'] },
      status: {
        state: 'RUNNING',
        phase: 'queued',
        message: 'forged',
        verdict: { code: 'oom-killed' },
        attempts: [],
        transitions: [],
        service: { url: 'evil' },
        metrics: { loss: [1] },
        state_2: 'x',
      },
    }
    const put = await server.call(api.runs.update, `${P}/runs/${id}`, forged)
    expect(put.spec).toEqual(before.spec)
    expect(put.status).toEqual({ ...before.status, state_2: 'x' })
    expect(put).toMatchObject({
      user: 'anonymous',
      key: before.key,
      metadata: { description: 'mine', created: before.metadata.created, created_by: 'anonymous' },
    })
    const { metadata: _metadata, status: _status, ...bare } = forged
    const kept = await server.call(api.runs.update, `${P}/runs/${id}`, bare)
    expect(kept).toMatchObject({ metadata: { description: 'mine' }, status: { state_2: 'x' } })
  })

  test('on creation, too, only its own status keys are kept', async () => {
    const { submit } = await given(server, 'post-run')
    const { json } = await submit(
      { local_execution: true },
      { id: 'mine-1', name: 'brave-otter', status: { state: 'COMPLETED', verdict: { code: 'x' }, metrics: { a: 1 }, mine: 1 } },
    )
    expect(json).toMatchObject({ id: 'mine-1', name: 'brave-otter', status: { state: 'CREATED', mine: 1 } })
    expect([json.status.verdict, json.status.metrics]).toEqual([undefined, undefined])
    expect(await submit({}, { id: 'mine-1' })).toMatchObject({ status: 400, json: { message: 'Duplicated entity run:mine-1.' } })
  })
})

test('logs are an array for a run and a page for a project, of live containers too', async () => {
  const { P, start } = await given(server, 'live', { action: 'deploy' })
  const { id } = await start('echo alive; sleep infinity')
  await server.until('live', id, inState('RUNNING'))
  for (const [path, read] of [
    [`${P}/runs/${id}/logs`, (json: unknown) => json],
    [`${P}/logs?run=${id}&sort=created,DESC&page=0&size=100`, (json: unknown) => (json as { content: unknown }).content],
  ] as const) {
    const [log, ...more] = Log.array().parse(read((await server.send('GET', path)).json))
    expect([log?.content, log?.run, more]).toEqual([base64('alive\n'), id, []])
  }
})
