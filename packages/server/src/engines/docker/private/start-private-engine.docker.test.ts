import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { defaultFolders } from '#supervise/folders.ts'
import { type Log, silentLog } from '#supervise/log.ts'
import { identify, isAlive } from '#supervise/process-identity.ts'
import { processesWith } from '#supervise/process-table.ts'
import { waitUntil } from '#supervise/wait-until.ts'
import { type Pool, parseRoutes, routesInto } from './address-pool.ts'
import { pingEngine } from './engine-call.ts'
import { engineLinks, engineMounts, engineProcesses } from './leftovers.ts'
import { savedPool } from './own-pool.ts'
import { enginePaths } from './paths.ts'
import { type PrivateEngine, type PrivateEngineOptions, startPrivateEngine } from './start-private-engine.ts'

/** The engine is fetched once a machine, not once a test run. */
const cacheDir = defaultFolders({ env: process.env, uid: process.getuid?.(), home: tmpdir() }).cache

const newFolder = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'dv-eng-'))
  onTestFinished(async () => {
    const left = await startPrivateEngine({ dir, cacheDir, log: silentLog })
    await left.destroy()
  })
  return dir
}

let dir = ''
beforeEach(async () => {
  dir = await newFolder()
})

/** An engine that is stopped at the end of the test, before its folder is destroyed: else its keeper would start it again. */
const start = async (more: Partial<PrivateEngineOptions> = {}) => {
  const engine = await startPrivateEngine({ dir, cacheDir, log: silentLog, ...more })
  onTestFinished(engine.stop)
  return engine
}

interface Call {
  readonly path: string
  readonly method?: string
  readonly body?: Buffer | object
}

/** One call of the Docker API: status and parsed answer. */
const call = async ({ socketPath }: PrivateEngine, { path, method = 'POST', body }: Call): Promise<{ status: number; answer: Record<string, unknown> }> => {
  const payload = body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const headers = { host: 'docker', ...(payload !== undefined && { 'content-type': Buffer.isBuffer(payload) ? 'application/x-tar' : 'application/json' }) }
  const sent = request({ socketPath, path, method, agent: false, headers })
  sent.end(payload)
  const [response] = await once(sent, 'response')
  const answer = await text(response)
  return { status: response.statusCode, answer: answer.startsWith('{') ? JSON.parse(answer.split('\n')[0] ?? '{}') : {} }
}

/** The host's own `sleep` with the libraries that it names, as an image. */
const sleepImage = async (): Promise<Buffer> => {
  const run = promisify(execFile)
  const { stdout } = await run('ldd', ['/bin/sleep'])
  const files = [...stdout.matchAll(/\/\S+/g)].map(([file]) => file.slice(1))
  const tar = await run('tar', ['-chf', '-', '-C', '/', 'bin/sleep', ...files], { encoding: 'buffer', maxBuffer: 64e6 })
  return tar.stdout
}

/** Starts a container that sleeps, on a network of its own. Its id and pid. */
const sleeper = async (engine: PrivateEngine, name: string) => {
  await call(engine, { path: '/images/create?fromSrc=-&repo=localhost/sleep&tag=1', body: await sleepImage() })
  expect((await call(engine, { path: '/networks/create', body: { Name: name } })).status).toBe(201)
  const made = await call(engine, {
    path: `/containers/create?name=${name}`,
    body: { Image: 'localhost/sleep:1', Cmd: ['/bin/sleep', '600'], HostConfig: { NetworkMode: name } },
  })
  expect(made).toMatchObject({ status: 201 })
  expect(await call(engine, { path: `/containers/${name}/start` })).toMatchObject({ status: 204 })
  return inspect(engine, name)
}

const inspect = async (engine: PrivateEngine, name: string) => {
  const { answer } = await call(engine, { path: `/containers/${name}/json`, method: 'GET' })
  const state = answer['State'] as { Running: boolean; Pid: number; StartedAt: string }
  return { id: String(answer['Id']), ...state }
}

/** All that an engine may leave on the machine. */
const poolOf = async (folder: string) => {
  const pool = await savedPool(enginePaths(folder).record)
  if (pool === undefined) throw new Error(`no engine was started in ${folder}`)
  return pool
}

const traces = async (folder: string) => {
  const paths = enginePaths(folder)
  return { processes: engineProcesses(paths), mounts: await engineMounts(paths), links: await engineLinks(await poolOf(folder)) }
}
const NOTHING = { processes: [], mounts: [], links: [] }

/** Waits until the kernel has reaped it: a zombie is only a row in a table. */
const gone = (pid: number) => {
  const target = identify(pid)
  return waitUntil(() => target === undefined || !isAlive(target), { timeout: 10_000 })
}

/** One that has died with another is as dead as wanted. */
const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

test('it answers, and stops without a process, mount or link', async () => {
  const engine = await start()
  expect(await pingEngine(engine, 2_000)).toBeUndefined()
  expect((await call(engine, { path: '/networks/create', body: { Name: 'app' } })).status).toBe(201)
  expect((await traces(dir)).links).toHaveLength(1)
  const { pid } = engine
  await engine.stop()
  expect(await gone(pid)).toBe(true)
  expect(await traces(dir)).toEqual(NOTHING)
})

test('after a stop its networks and containers are known again', async () => {
  const first = await start()
  await sleeper(first, 'app')
  await call(first, { path: '/containers/app/kill' })
  await waitUntil(async () => !(await inspect(first, 'app')).Running, { timeout: 10_000, every: 50 })
  await first.stop()
  expect(await traces(dir)).toEqual(NOTHING)
  const second = await start()
  expect((await call(second, { path: '/containers/app/start' })).status).toBe(204)
  expect((await inspect(second, 'app')).Running).toBe(true)
})

test('stop leaves running containers, says so, and the next start finds them', async () => {
  const said: string[] = []
  const log: Log = { ...silentLog, info: (_, message) => void said.push(message) }
  const first = await start({ log })
  const before = await sleeper(first, 'app')
  await first.stop()
  expect(said).toContainEqual(expect.stringContaining('running containers go on'))
  expect(identify(before.Pid)).toBeDefined()
  const second = await start()
  expect(await inspect(second, 'app')).toEqual(before)
})

test('destroy ends running containers, too, and removes the folder', async () => {
  const engine = await start()
  const { Pid } = await sleeper(engine, 'app')
  const pool = await poolOf(dir)
  await engine.destroy()
  expect(await gone(Pid)).toBe(true)
  expect(existsSync(dir)).toBe(false)
  expect(engineProcesses(enginePaths(dir))).toEqual([])
  expect(await engineMounts(enginePaths(dir))).toEqual([])
  expect(await engineLinks(pool)).toEqual([])
})

test('a killed daemon comes back by itself and its container never noticed', async () => {
  const engine = await start()
  const before = await sleeper(engine, 'app')
  const { pid } = engine
  process.kill(pid, 'SIGKILL')
  expect(await waitUntil(async () => engine.pid !== pid && (await pingEngine(engine, 2_000)) === undefined, { timeout: 30_000, every: 50 })).toBe(true)
  expect(await inspect(engine, 'app')).toEqual(before)
})

test('with every process of it killed the next start works', async () => {
  const abort = new AbortController()
  const engine = await start({ signal: abort.signal })
  await sleeper(engine, 'app')
  for (const pid of engineProcesses(enginePaths(dir))) kill(pid)
  abort.abort()
  await engine.stop()
  const next = await start()
  expect((await inspect(next, 'app')).Running).toBe(false)
  expect((await call(next, { path: '/containers/app/start' })).status).toBe(204)
})

test('the engine of a killed server is adopted with its containers', async () => {
  const script = `
    import { startPrivateEngine } from '${new URL('./start-private-engine.ts', import.meta.url)}'
    import { silentLog } from '${new URL('../../../supervise/log.ts', import.meta.url)}'
    const engine = await startPrivateEngine({ dir: ${JSON.stringify(dir)}, cacheDir: ${JSON.stringify(cacheDir)}, log: silentLog })
    console.log(engine.pid)
    setInterval(() => undefined, 1000)`
  const server = spawn(process.execPath, ['--conditions=@davit/source', '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void server.kill('SIGKILL'))
  const [line]: unknown[] = await once(server.stdout, 'data')
  server.kill('SIGKILL')
  await once(server, 'exit')
  const engine = await start()
  expect(engine.adopted).toBe(true)
  expect(engine.pid).toBe(Number(String(line)))
  await engine.stop()
  expect(await traces(dir)).toEqual(NOTHING)
})

test('two starts at once share one daemon', async () => {
  const [one, two] = await Promise.all([start(), start()])
  expect(one.pid).toBe(two.pid)
  expect([one.adopted, two.adopted].filter(Boolean)).toHaveLength(1)
  await one.stop()
})

test('two engines side by side have address ranges of their own', async () => {
  const other = await newFolder()
  const engines = await Promise.all([start(), start({ dir: other })])
  for (const engine of engines) expect((await call(engine, { path: '/networks/create', body: { Name: 'app' } })).status).toBe(201)
  const pools = [await poolOf(dir), await poolOf(other)]
  expect(pools[0]).not.toBe(pools[1])
  await engines[0]?.stop()
  expect((await traces(dir)).links).toEqual([])
  expect((await traces(other)).links).toHaveLength(1)
})

test('pid files that name a stranger do not keep it from starting', async () => {
  await (await start()).stop()
  await writeFile(join(dir, 'dockerd.pid'), String(process.pid))
  await writeFile(join(dir, 'exec/containerd/containerd.pid'), String(process.pid))
  const engine = await start()
  expect(engine.adopted).toBe(false)
  expect(identify(process.pid)).toBeDefined()
})

test('where the machine has a containerd the engine does not share it', async () => {
  const systemContainerd = join(dir, 'somebody-elses.sock')
  await writeFile(systemContainerd, '')
  const first = await start({ systemContainerd })
  const before = await sleeper(first, 'app')
  expect(processesWith((argument) => argument === `--containerd=${dir}/exec/containerd/containerd.sock`)).toEqual([first.pid])
  await first.stop()
  const second = await start({ systemContainerd })
  expect(await inspect(second, 'app')).toEqual(before)
  await second.destroy()
  expect(engineProcesses(enginePaths(dir))).toEqual([])
})

test('a folder too long for sockets works, and leaves nothing elsewhere', async () => {
  const long = join(dir, 'x'.repeat(80))
  const engine = await start({ dir: long })
  expect(await pingEngine(engine, 2_000)).toBeUndefined()
  expect(existsSync(join(engine.socketPath, '..'))).toBe(true)
  await engine.destroy()
  expect(existsSync(join(engine.socketPath, '..'))).toBe(false)
})

test('an engine that cannot start says its last words and where its log is', async () => {
  const paths = enginePaths(dir)
  await writeFile(paths.data, 'a file where the folder should be')
  await expect(start()).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('did not start'),
    hint: expect.stringContaining(paths.log),
  })
  await rm(paths.data)
})

test('network links and routes of the machine are as before when the engine is gone', async () => {
  const ours = async (pool: Pool) => routesInto(pool, parseRoutes(await readFile('/proc/net/route', 'utf8')))
  const engine = await start()
  await sleeper(engine, 'app')
  const pool = await poolOf(dir)
  expect(await ours(pool)).toHaveLength(1)
  await engine.destroy()
  expect(await ours(pool)).toEqual([])
})
