import { Buffer } from 'node:buffer'
import type { RunStatus, ServiceStatus, VerdictCode } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { fakeApi } from './fake-api.ts'
import { runDavit } from './run-davit.ts'
import { sampleRun } from './sample-run.ts'

const failed = (code: VerdictCode, exit_code?: number): RunStatus => ({
  state: 'ERROR',
  phase: 'finished',
  verdict: { code, title: 'It went wrong', evidence: ['seen so'], hint: 'do this', ...(exit_code !== undefined && { exit_code }) },
})

describe('davit run', () => {
  test('prints the log unaltered on stdout, the phases on stderr, and ends with 0', async () => {
    const bytes = Buffer.from('hello\nworld without newline \u00e9')
    const api = fakeApi({
      statuses: [
        { state: 'PENDING', phase: 'pulling' },
        { state: 'RUNNING', phase: 'running' },
        { state: 'COMPLETED', phase: 'finished' },
      ],
      log: [bytes.subarray(0, 4), bytes.subarray(4)],
    })
    const { code, stdout, stderr } = await runDavit(['run', 'hello-world:latest', '--', 'x'], { api })
    expect({ code, stdout }).toEqual({ code: 0, stdout: bytes.toString() })
    expect(stderr).toMatch(/\] pulling {4}fetching the image\n[^]*\] running {4}[^]*\] finished/)
  })

  test('makes project, function, task and run, in that order, and once', async () => {
    const api = fakeApi()
    await runDavit(['run', 'hello-world:latest'], { api })
    const made = api.bodies.map(({ request }) => request)
    expect(made).toEqual(['POST /api/v1/projects', 'POST /api/v1/-/default/functions', 'POST /api/v1/-/default/tasks', 'POST /api/v1/-/default/runs'])
    expect(api.bodies[1]?.body).toMatchObject({ name: 'hello-world', kind: 'container', spec: { image: 'hello-world:latest' } })
    expect(api.bodies[3]?.body).toMatchObject({
      kind: 'container+job:run',
      spec: { local_execution: false, function: expect.stringMatching(/^container:\/\/default\/hello-world:/) as string },
    })
    await runDavit(['run', 'hello-world:latest'], { api })
    expect(api.bodies).toHaveLength(5)
    await runDavit(['run', 'hello-world:latest', '--', 'other'], { api })
    expect(api.functions).toHaveLength(2)
  })

  test('a failed container is 10, with verdict, evidence and hint on stderr', async () => {
    const { code, stderr, stdout } = await runDavit(['run', 'a'], { api: fakeApi({ statuses: [failed('exit-nonzero', 3)] }) })
    expect({ code, stdout }).toEqual({ code: 10, stdout: '' })
    expect(stderr).toContain('It went wrong (exit code 3) [exit-nonzero]\n  | seen so\nhint: do this\n')
  })

  test.each([
    ['image-not-found', [], 11],
    ['oom-killed', [], 12],
    ['exit-nonzero', ['--passthrough'], 3],
  ] as const)('%s with %j ends with %i', async (verdict, flags, code) => {
    const exit = verdict === 'image-not-found' ? undefined : 3
    expect(await runDavit(['run', 'a', ...flags], { api: fakeApi({ statuses: [failed(verdict, exit)] }) })).toMatchObject({ code })
  })

  test('--detach prints the id at once; as JSON one object', async () => {
    const api = fakeApi({ open: true })
    const plain = await runDavit(['run', '-d', 'a'], { api })
    expect(plain).toMatchObject({ code: 0, stdout: `${String(api.runs[0]?.['id'])}\n` })
    const json = await runDavit(['run', '-d', '-o', 'json', 'a'], { api })
    expect(JSON.parse(json.stdout)).toMatchObject({ apiVersion: 'davit.dev/v1', kind: 'container+job:run', id: api.runs[0]?.['id'] })
  })

  test('as JSON the log goes to stderr, and stdout holds one object', async () => {
    const { stdout, stderr } = await runDavit(['run', '--json', 'a'], { api: fakeApi({ log: [Buffer.from('the log\n')] }) })
    expect(JSON.parse(stdout)).toMatchObject({ status: { state: 'COMPLETED' } })
    expect(stderr).toContain('the log\n')
  })

  test('--rm deletes the run once it has ended', async () => {
    const api = fakeApi()
    expect(await runDavit(['run', '--rm', 'a'], { api })).toMatchObject({ code: 0 })
    expect(api.runs).toEqual([])
  })

  test('Ctrl-C detaches: 130, the run goes on, and it is said how to follow and stop it', async () => {
    const api = fakeApi({ open: true, statuses: [{ state: 'RUNNING', phase: 'running' }] })
    const { code, stderr } = await runDavit(['run', 'a'], { api, onOutput: (text, interrupt) => text.includes('] running') && interrupt() })
    const id = String(api.runs[0]?.['id']).slice(0, 8)
    expect(code).toBe(130)
    expect(stderr).toContain(`Detached: run ${id} goes on.\n  davit logs -f ${id}`)
    expect(stderr).toContain(`davit stop ${id}`)
    expect(api.requests.filter((request) => /stop|DELETE/.test(request))).toEqual([])
  })

  test('--timeout gives up with 124, and the run goes on', async () => {
    const { code, stderr } = await runDavit(['run', 'a', '--timeout', '3s'], {
      api: fakeApi({ open: true, statuses: [{ state: 'RUNNING', phase: 'running' }] }),
    })
    expect(code).toBe(124)
    expect(stderr).toMatch(/goes on[^]*error: gave up after 3 s/)
  })

  test('wrong flags are refused before the first request', async () => {
    const api = fakeApi()
    for (const argv of [
      ['run', 'a', '--set', 'replcas=1'],
      ['run', 'a', '-e', 'DAVIT_TEST_NOT_SET'],
      ['run', '-d', '--rm', 'a'],
      ['serve', 'a'],
      ['run', 'a', '--env-file', 'nowhere.env'],
    ])
      expect(await runDavit(argv, { api })).toMatchObject({ code: 2 })
    expect(api.requests).toEqual([])
  })
})

describe('davit serve', () => {
  test('waits until it is ready, prints the address on stdout and the next commands on stderr', async () => {
    const service: ServiceStatus = { name: 's', type: 'NodePort', ports: [], url: '127.0.0.1:8085' }
    const api = fakeApi({
      open: true,
      statuses: [
        { state: 'PENDING', phase: 'starting' },
        { state: 'RUNNING', phase: 'running', service },
      ],
    })
    const { code, stdout, stderr } = await runDavit(['serve', 'acme/app:1', '--port', '8085:8501', '--type', 'NodePort'], { api })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'http://127.0.0.1:8085\n' })
    expect(stderr).toContain('davit logs -f ')
    expect(api.bodies.at(-1)?.body).toMatchObject({ spec: { service_ports: [{ port: 8085, target_port: 8501 }], service_type: 'NodePort' } })
  })
})

describe('davit ps', () => {
  const api = fakeApi()
  const service: ServiceStatus = { name: 's', type: 'NodePort', ports: [], url: '127.0.0.1:1234' }
  api.runs.push(
    sampleRun({ id: '1111aaaa2222', action: 'serve', service, phase: 'running' }),
    sampleRun({ id: '3333bbbb4444', name: 'nightly', ...failed('oom-killed', 137) }),
  )

  test('shows what is not over', async () => {
    const { stdout } = await runDavit(['ps'], { api })
    expect(stdout).toMatch(/^RUN +NAME +ACTION +STATE +PHASE\/VERDICT +AGE +URL\n1111aaaa +hello +serve +RUNNING +running +\d+d +http:\/\/127\.0\.0\.1:1234\n$/)
  })

  test('with -a all, with the verdict', async () => {
    expect((await runDavit(['ps', '-a'], { api })).stdout).toMatch(/3333bbbb +nightly +job +ERROR +oom-killed/)
  })

  test('-o json is an envelope, -o name the ids, -o yaml a document', async () => {
    expect(JSON.parse((await runDavit(['ps', '-a', '--json'], { api })).stdout)).toMatchObject({
      apiVersion: 'davit.dev/v1',
      kind: 'RunList',
      items: [{ id: '1111aaaa2222' }, { id: '3333bbbb4444' }],
    })
    expect((await runDavit(['ps', '-a', '-o', 'name'], { api })).stdout).toBe('1111aaaa2222\n3333bbbb4444\n')
    expect((await runDavit(['ps', '-o', 'yaml'], { api })).stdout).toMatch(/^apiVersion: davit.dev\/v1\nkind: RunList\nitems:\n/)
  })

  test('nothing to show is nothing on stdout, and a hint on stderr', async () => {
    expect(await runDavit(['ps'], { api: fakeApi() })).toMatchObject({ code: 0, stdout: '', stderr: 'Nothing runs. `davit ps --all` shows what ended.\n' })
    expect((await runDavit(['ps', '--json'], { api: fakeApi() })).stdout).toContain('"items": []')
  })

  test('colours are for terminals only', async () => {
    expect((await runDavit(['ps'], { api, tty: true })).stdout).toContain('\u001b[')
    expect((await runDavit(['ps'], { api, tty: true, env: { NO_COLOR: '1' } })).stdout).not.toContain('\u001b[')
    expect((await runDavit(['ps', '--no-color'], { api, tty: true })).stdout).not.toContain('\u001b[')
  })
})

describe('davit describe', () => {
  test('begins with the verdict', async () => {
    const api = fakeApi()
    api.runs.push(
      sampleRun({
        id: '3333bbbb4444',
        ...failed('exit-nonzero', 3),
        transitions: [{ status: 'READY', time: '2026-01-01T00:00:00Z' }],
        notes: [{ code: 'not-honoured', path: 'spec.node_selector', message: 'no nodes here' }],
      }),
    )
    const { stdout } = await runDavit(['describe', '3333'], { api })
    expect(stdout).toMatch(/^It went wrong \(exit code 3\) \[exit-nonzero\]\n {2}\| seen so\nhint: do this\n\nRun: +3333bbbb4444\n/)
    expect(stdout).toMatch(/Timeline\n {2}2026-01-01T00:00:00Z {2}READY\n/)
    expect(stdout).toMatch(/Notes\n {2}not-honoured {2}spec.node_selector {2}no nodes here\n/)
  })
})

describe('wait, stop, rm, logs', () => {
  test('wait ends with the run’s code, or 124', async () => {
    const ended = fakeApi({ statuses: [failed('oom-killed', 137)] })
    ended.runs.push(sampleRun())
    expect(await runDavit(['wait', '@latest'], { api: ended })).toMatchObject({ code: 12 })
    const endless = fakeApi({ statuses: [{ state: 'RUNNING' }], open: true })
    endless.runs.push(sampleRun())
    expect(await runDavit(['wait', '@latest', '--timeout', '200ms'], { api: endless })).toMatchObject({ code: 124 })
    expect(await runDavit(['wait', '@latest', '--for', 'ready'], { api: endless })).toMatchObject({ code: 0 })
  })

  test('several runs: those that exist are stopped, the others are said, the code is theirs', async () => {
    const api = fakeApi()
    api.runs.push(sampleRun({ id: 'aaaa1111' }), sampleRun({ id: 'bbbb2222' }))
    const { code, stdout, stderr } = await runDavit(['stop', 'aaaa', 'gone', 'bbbb'], { api })
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'aaaa1111 STOP\nbbbb2222 STOP\n' })
    expect(stderr).toContain('"gone" names none')
  })

  test('rm of a run that goes on needs --force', async () => {
    const api = fakeApi()
    api.runs.push(sampleRun({ id: 'aaaa1111' }))
    expect(await runDavit(['rm', 'aaaa1111'], { api })).toMatchObject({ code: 5, stderr: expect.stringContaining('--force') as string })
    expect(await runDavit(['rm', '-f', 'aaaa1111'], { api })).toMatchObject({ code: 0 })
    expect(api.runs).toEqual([])
  })

  test('logs print bytes; --prefix whole lines; -o json NDJSON', async () => {
    const api = fakeApi({ log: [Buffer.from('a\nb'), Buffer.from('c\nd')] })
    api.runs.push(sampleRun())
    expect((await runDavit(['logs', '@latest'], { api })).stdout).toBe('a\nbc\nd')
    expect((await runDavit(['logs', '@latest', '--prefix'], { api })).stdout).toBe('[main] a\n[main] bc\n[main] d\n')
    const lines = (await runDavit(['logs', 'hello@latest', '-o', 'json'], { api })).stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { kind: 'LogChunk', offset: 0 },
      { kind: 'LogChunk', offset: 3, end: true },
    ])
  })
})

describe('errors', () => {
  test('an unknown command is 2, with the nearest known one', async () => {
    expect(await runDavit(['dscribe', 'x'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'error: unknown command "dscribe"\nhint:  did you mean `davit describe`?\n',
    })
    expect(await runDavit(['secret', 'sett', 'x'])).toMatchObject({ code: 2, stderr: expect.stringContaining('davit secret set') as string })
  })

  test('under -o json they are JSON on stderr, with path and request id', async () => {
    const { code, stdout, stderr } = await runDavit(['get', 'project', 'nowhere', '-o', 'json'], { api: fakeApi() })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(JSON.parse(stderr)).toEqual({ error: { code: 'not_found', message: 'No such project.', request_id: 'req-1' } })
    expect(JSON.parse((await runDavit(['run', 'a', '--set', 'imge=1', '--json'])).stderr)).toMatchObject({
      error: { code: 'invalid', path: 'imge', hint: 'did you mean image?' },
    })
    expect(JSON.parse((await runDavit(['rn', '-o=json'])).stderr)).toMatchObject({ error: { code: 'invalid' } })
  })

  test('what the container is given is no format of ours', async () => {
    expect((await runDavit(['run', 'a', '--rn', '--', '--json'])).stderr).toMatch(/^error: /)
  })

  test('a bug of ours is 1', async () => {
    const api = { ...fakeApi(), fetch: () => Promise.reject(new TypeError('boom')) }
    expect(await runDavit(['get', 'projects', '--timeout', '10s'], { api })).toMatchObject({ code: 1 })
  })
})

describe('help and version', () => {
  test.each([[['--help']], [['help']], [[]]])('%j shows all commands', async (argv) => {
    const { code, stdout } = await runDavit(argv)
    expect(code).toBe(0)
    for (const name of ['run', 'serve', 'deploy', 'ps', 'describe', 'secret set', 'doctor']) expect(stdout).toContain(`\n  ${name} `)
  })
  test('help of a command', async () => {
    for (const argv of [
      ['help', 'run'],
      ['run', '--help'],
      ['run', '-h'],
    ])
      expect((await runDavit(argv)).stdout).toContain('Usage: davit run')
    expect((await runDavit(['secret'])).stdout).toContain('secret set')
    expect(await runDavit(['help', 'rnu'])).toMatchObject({ code: 2 })
  })
  test('--version', async () => expect(await runDavit(['--version'])).toMatchObject({ code: 0, stdout: '1.2.3\n' }))
})

describe('apply', () => {
  const FILE =
    'kind: project\nname: demo\n---\nkind: container+deploy:run\nname: web\nproject: demo\nspec: { function: web, replicas: 2 }\n---\nkind: container\nname: web\nproject: demo\nspec: { image: a }\n'

  test('makes what the file says, in the order of need; a second time all is unchanged', async () => {
    const api = fakeApi()
    const first = await runDavit(['apply', '-f', '-'], { api, stdin: FILE })
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toMatch(/project +demo +created\ncontainer +web +created\ncontainer\+deploy:run +web +created\n$/)
    const second = await runDavit(['apply', '-f', '-', '--json'], { api, stdin: FILE })
    expect(JSON.parse(second.stdout)).toMatchObject({ items: [{ outcome: 'unchanged' }, { outcome: 'unchanged' }, { outcome: 'unchanged' }] })
    const changed = await runDavit(['apply', '-f', '-'], { api, stdin: FILE.replace('image: a', 'image: b') })
    expect(changed.stdout).toMatch(/container +web +new version/)
    expect(changed).toMatchObject({ code: 5, stderr: expect.stringContaining('davit rm -f web') as string })
  })

  test('--dry-run only reads', async () => {
    const api = fakeApi()
    const { code, stdout } = await runDavit(['apply', '-f', '-', '--dry-run'], { api, stdin: FILE })
    expect(code).toBe(0)
    expect(stdout).toMatch(/container\+deploy:run +web +created \(dry run\)/)
    expect(api.requests.filter((request) => !request.startsWith('GET'))).toEqual([])
  })

  test('a mistake in the last document stops all of it before the first request', async () => {
    const api = fakeApi()
    expect(await runDavit(['apply', '-f', '-'], { api, stdin: FILE.replace('image: a', 'imge: a') })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('<stdin>:12: unknown field spec.imge') as string,
    })
    expect(api.requests).toEqual([])
  })
})

describe('questions', () => {
  test('without a terminal nobody is asked: --yes, or 2', async () => {
    const api = fakeApi()
    api.projects.push({ ...sampleRun(), kind: 'project', name: 'demo', spec: {} })
    expect(await runDavit(['delete', 'project', 'demo'], { api })).toMatchObject({ code: 2, stderr: expect.stringContaining('add --yes') as string })
    expect(await runDavit(['delete', 'project', 'demo', '--yes'], { api })).toMatchObject({ code: 0, stdout: 'project demo deleted\n' })
  })
  test('a no changes nothing', async () => {
    const api = fakeApi()
    expect(await runDavit(['delete', 'project', 'demo'], { api, tty: true, answer: 'n' })).toMatchObject({ code: 130 })
    expect(api.requests).toEqual([])
  })
})
