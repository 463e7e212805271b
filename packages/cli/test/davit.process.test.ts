import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { startServer } from '../../../tools/davit-server.ts'
import { type Ran, davit as runDavit, type Spawned, spawnDavit, startTestServer, type TestServer } from './davit-process.ts'

let home = ''
let server: TestServer | undefined
const environment = (): Record<string, string> => ({ DAVIT_ENDPOINT: server?.endpoint ?? '', XDG_CONFIG_HOME: home })
const davit = (argv: readonly string[], options: Spawned = {}): Promise<Ran> => runDavit(argv, { ...options, env: { ...environment(), ...options.env } })

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'davit-cli-'))
  await chmod(home, 0o711) // as root the database runs as another user, who must get to its folder
  server = await startTestServer(join(home, 'data'))
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

const sh = (script: string): readonly string[] => ['busybox:1', '--', 'sh', '-c', script]

describe('davit run against a server', () => {
  test('streams the output and ends with 0', async () => {
    const { code, stdout, stderr } = await davit(['run', ...sh('echo hello; printf "no newline"')])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello\nno newline' })
    expect(stderr).toMatch(/\] finished +COMPLETED\n/)
  })

  test('variables, given and taken from the caller, reach the container', async () => {
    const { stdout } = await davit(['run', '-e', 'A=x=ü', '-e', 'TAKEN', ...sh('printenv A; printenv TAKEN')], { env: { TAKEN: 'from here' } })
    expect(stdout).toBe('x=ü\nfrom here\n')
  })

  test.each([
    [['run', ...sh('echo bad; exit 3')], 10, '[exit-nonzero]'],
    [['run', '--passthrough', ...sh('exit 3')], 3, 'exit code 3'],
    [['run', 'missing/image:1'], 11, '[image-not-found]'],
    [['run', ...sh('oom')], 12, '[oom-killed]'],
    [['run', 'busybox:1', '--', 'no-such-command'], 10, '[command-not-found]'],
  ] as const)('%j ends with %i and says %s', async (argv, code, said) => {
    const ran = await davit(argv)
    expect(ran.code).toBe(code)
    expect(ran.stderr).toContain(said)
  })

  test('the same command line makes one version of its function, another one makes another', async () => {
    const same = ['run', '--function', 'versions', ...sh('true')]
    await davit(same)
    await davit(same)
    const versions = async (): Promise<number> => (await davit(['functions', '--versions', 'versions', '-o', 'name'])).stdout.trim().split('\n').length
    expect(await versions()).toBe(1)
    await davit(['run', '--function', 'versions', ...sh('echo other')])
    expect(await versions()).toBe(2)
  })

  test('Ctrl-C detaches: the run goes on, and can be followed to its end', async () => {
    let interrupted = false
    const { code, stderr, stdout } = await davit(['run', '--name', 'goes-on', ...sh('echo begun; sleep 4; echo done')], {
      onOutput: (text, child) => {
        if (interrupted || !text.stdout.includes('begun')) return
        interrupted = true
        child.kill('SIGINT')
      },
    })
    expect({ code, stdout }).toEqual({ code: 130, stdout: 'begun\n' })
    expect(stderr).toMatch(/Detached: run [0-9a-f]{8} goes on.\n {2}davit logs -f/)
    expect(await davit(['logs', '-f', 'goes-on'])).toMatchObject({ code: 0, stdout: 'begun\ndone\n' })
  })

  test('--timeout is 124, stop ends the run, and wait says 13', async () => {
    expect(await davit(['run', '--name', 'endless', '--timeout', '20s', ...sh('sleep infinity')])).toMatchObject({ code: 124 })
    expect(await davit(['wait', 'endless', '--timeout', '500ms'])).toMatchObject({ code: 124 })
    expect(await davit(['stop', 'endless', '--wait'])).toMatchObject({ code: 0 })
    expect(await davit(['wait', 'endless'])).toMatchObject({ code: 13 })
    expect(await davit(['stop', 'endless'])).toMatchObject({ code: 5 })
    expect(await davit(['rm', 'endless'])).toMatchObject({ code: 0 })
  })
})

describe('services and deployments', () => {
  test('serve prints the address; describe and ps show it; stop ends it', async () => {
    const ran = await davit(['serve', 'acme/app:1', '--name', 'web', '--port', '8085:8501', '--', 'httpd', '-p', '8501'])
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^http:\/\/\S+\n$/) as string })
    expect((await davit(['ps'])).stdout).toMatch(/web +serve +RUNNING +running +\d+s +http:\/\//)
    expect((await davit(['describe', 'web'])).stdout).toMatch(/Service\n {2}\S+ +\S+ +8085 -> 8501\/TCP/)
    expect(await davit(['stop', 'web', '--wait'])).toMatchObject({ code: 0 })
  })

  test('deploy waits until its replicas run', async () => {
    expect(await davit(['deploy', 'acme/worker:1', '--replicas', '2', '--name', 'pair', '--', 'sleep', 'infinity'])).toMatchObject({ code: 0 })
    const run = JSON.parse((await davit(['get', 'run', 'pair', '-o', 'json'])).stdout) as { status: { containers: unknown[] } }
    expect(run.status.containers).toHaveLength(2)
    expect(await davit(['rm', '-f', 'pair'])).toMatchObject({ code: 0 })
  })
})

test('apply twice: created, then unchanged, in whatever form specs are written; delete removes what the file names', async () => {
  const file =
    'kind: project\nname: applied\n---\nkind: container\nname: job\nproject: applied\nspec: { image: busybox:1, command: [echo, hi] }\n---\nkind: container+job:run\nname: once\nproject: applied\nspec: { function: job, args: [there], envs: { A: 1 }, resources: { cpu: 0.1 }, node_selector: { disk: ssd } }\n'
  const outcomes = async (): Promise<unknown> =>
    (JSON.parse((await davit(['apply', '-f', '-', '-o', 'json'], { input: file })).stdout) as { items: { outcome: string }[] }).items.map(
      ({ outcome }) => outcome,
    )
  expect(await outcomes()).toEqual(['created', 'created', 'created'])
  expect(await outcomes()).toEqual(['unchanged', 'unchanged', 'unchanged'])
  expect(await davit(['wait', 'once', '-p', 'applied'])).toMatchObject({ code: 0 })
  const printed = await davit(['get', 'function', 'job', '-p', 'applied', '-o', 'yaml'])
  expect((await davit(['apply', '-f', '-', '-o', 'name'], { input: printed.stdout })).stdout).toBe('container/job\n')
  expect((await davit(['apply', '-f', '-'], { input: printed.stdout })).stdout).toContain('unchanged')
  expect(await davit(['delete', 'project', 'applied', '--cascade', '--yes'])).toMatchObject({ code: 0 })
  expect(await davit(['get', 'project', 'applied'])).toMatchObject({ code: 3 })
})

test('a secret is read from stdin and reaches the container that asks for it', async () => {
  expect(await davit(['secret', 'set', 'API_TOKEN'], { input: 's3cret\n' })).toMatchObject({ code: 0, stdout: '' })
  expect((await davit(['secret', 'ls'])).stdout).toContain('API_TOKEN')
  expect((await davit(['run', '--secret', 'API_TOKEN', ...sh('printenv API_TOKEN')])).stdout).toBe('s3cret\n')
  expect(await davit(['secret', 'rm', 'API_TOKEN', '-y'])).toMatchObject({ code: 0 })
  expect(await davit(['secret', 'rm', 'API_TOKEN', '-y'])).toMatchObject({ code: 3 })
})

test('doctor is content with a healthy server, and says what to do without one', async () => {
  const healthy = await davit(['doctor'])
  expect(healthy).toMatchObject({ code: 0, stdout: expect.stringMatching(/ok +database +PostgreSQL/) as string })
  const alone = await davit(['doctor', '--endpoint', 'http://127.0.0.1:1', '-o', 'json'])
  expect(alone.code).toBe(1)
  expect(JSON.parse(alone.stdout)).toMatchObject({
    items: expect.arrayContaining([
      expect.objectContaining({ check: 'server', result: 'fail', fix: expect.stringContaining('davit server') as string }),
    ]) as unknown,
  })
})

test('a reader that goes away ends it quietly', async () => {
  const child = spawnDavit(['run', ...sh('while true; do echo line; done')], environment())
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    errors += piece
  })
  child.stdout?.once('data', () => child.stdout?.destroy())
  expect(await once(child, 'close')).toEqual([0, null])
  expect(errors).not.toContain('EPIPE')
  expect(await davit(['stop', '@latest'])).toMatchObject({ code: 0 })
})

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish', 'powershell'])('there is a script for %s', async (shell) => {
    expect(await davit(['completion', shell])).toMatchObject({ code: 0, stdout: expect.stringContaining('davit') as string })
  })
  test('commands, flags and live names are offered', async () => {
    const offered = async (...words: string[]): Promise<readonly string[]> =>
      (await davit(['complete', '--', ...words], { env: { DAVIT_COMPLETION_MS: '60000' } })).stdout.split('\n').map((line) => line.split('\t')[0] ?? '')
    expect(await offered('de')).toEqual(expect.arrayContaining(['deploy', 'describe', 'delete']))
    expect(await offered('run', '--det')).toContain('--detach')
    expect(await offered('logs', '')).toEqual(expect.arrayContaining(['@latest', 'busybox@latest']))
    expect(await offered('ps', '--project', '')).toContain('default')
    expect(await offered('get', 'fun')).toContain('function')
  })
})

describe('the entry file', () => {
  const entry = fileURLToPath(new URL('../bin.cjs', import.meta.url))
  test('--version answers from package.json alone', async () => {
    expect((await promisify(execFile)(process.execPath, [entry, '--version'])).stdout).toBe(`${manifest.version}\n`)
  })
  test('gives arguments, exit codes and signals through', async () => {
    const child = spawn(process.execPath, [entry, 'run', 'busybox:1', '--passthrough', '--', 'sh', '-c', 'exit 7'], {
      env: { ...process.env, ...environment() },
    })
    expect(await once(child, 'close')).toEqual([7, null])
  })
  test('keeps the flags that Node was given when it starts the server anew', async () => {
    const told = '--import=data:text/javascript,process.stderr.write("seen ")'
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [told, entry, 'server', '--help'])
    expect(stdout).toContain('--listen')
    expect(stderr).toBe('seen seen ')
  })
  test('is the server itself, whose young objects take little memory, where the system lets a process become another', async () => {
    const own = await startServer({ data: join(home, 'own'), flags: ['--engine', 'memory'] })
    try {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(own.pid)])
      expect(stdout).toMatch(/ --max-semi-space-size=8 .*server/)
      expect((await fetch(`${own.endpoint}/healthz`)).status).toBe(200)
    } finally {
      await own.stop()
    }
  })
})
