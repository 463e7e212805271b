import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { silentLog } from '#supervise/log.ts'
import { identify } from '#supervise/process-identity.ts'
import { processesIn } from '#supervise/process-table.ts'
import { waitUntil } from '#supervise/wait-until.ts'
import { databaseAccount } from './account.ts'
import { findBinaries } from './binaries.ts'
import { findSetpriv, launchCommand } from './launcher.ts'
import { postgresPaths } from './paths.ts'
import { postmasterArgs } from './postmaster.ts'
import { type EmbeddedPostgres, type PostgresConnection, startPostgres } from './start-postgres.ts'

let cacheDir = ''
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'davit-cache-'))
  await chmod(cacheDir, 0o755)
})
afterAll(() => rm(cacheDir, { recursive: true, force: true }))

let dir = ''
beforeEach(async () => {
  const made = await mkdtemp(join(tmpdir(), 'davit-pg-'))
  await chmod(made, 0o755)
  dir = join(made, 'pg')
  return () => rm(made, { recursive: true, force: true })
})

const start = (more: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<EmbeddedPostgres> => startPostgres({ dir, cacheDir, log: silentLog, ...more })

const query = async <T = Record<string, unknown>>(connection: PostgresConnection, sql: string): Promise<T[]> => {
  const client = new Client({ ...connection })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows as T[]
  } finally {
    await client.end().catch(() => undefined)
  }
}

const numbers = async (pg: EmbeddedPostgres) => (await query<{ n: number }>(pg.connection, 'select n from t order by n')).map(({ n }) => n)
const running = () => processesIn(join(dir, 'data'))

/** Another server process with a database in `dir`, which writes rows and tells each one that was acknowledged. */
const otherServer = (body: string) => {
  const script = `
    import { startPostgres } from '${new URL('./start-postgres.ts', import.meta.url)}'
    import { silentLog } from '${new URL('../supervise/log.ts', import.meta.url)}'
    import { Client } from 'pg'
    const pg = await startPostgres({ dir: ${JSON.stringify(dir)}, cacheDir: ${JSON.stringify(cacheDir)}, log: silentLog })
    const client = new Client({ ...pg.connection })
    client.on('error', () => undefined)
    await client.connect()
    ${body}`
  const child = spawn(process.execPath, ['--conditions=@davit/source', '--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

const writeForEver = `
  await client.query('create table t (n int primary key)')
  for (let n = 1; ; n++) {
    await client.query('insert into t values ($1)', [n])
    process.stdout.write(n + '\\n')
  }`

const hasSystem = await findBinaries({ choice: 'system', major: undefined, account: undefined, cacheDir: '', log: silentLog }).then(
  () => true,
  () => false,
)

describe.each(hasSystem ? (['system', 'bundled'] as const) : (['bundled'] as const))('%s binaries', (binaries) => {
  test('a new database answers, holds what was written over a restart, and stops without a trace', async () => {
    const first = await start({ binaries })
    await query(first.connection, 'create table t (n int primary key)')
    await query(first.connection, 'insert into t values (7)')
    await first.stop()
    await first.exited
    expect(running()).toEqual([])
    await using second = await start({ binaries })
    expect(await numbers(second)).toEqual([7])
    expect(second.version).toMatch(/^\d+/)
  })

  test('checksums, UTF-8 and fsync are on, TCP is off', async () => {
    await using pg = await start({ binaries })
    const settings = await query<{ name: string; setting: string }>(
      pg.connection,
      "select name, setting from pg_settings where name in ('data_checksums', 'server_encoding', 'fsync', 'synchronous_commit', 'listen_addresses', 'jit')",
    )
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      data_checksums: 'on',
      server_encoding: 'UTF8',
      fsync: 'on',
      synchronous_commit: 'on',
      listen_addresses: '',
      jit: 'off',
    })
    expect((await stat(pg.connection.host)).mode & 0o777).toBe(0o700)
  })
})

test('a killed server leaves no process, and no acknowledged row is lost', async () => {
  const server = otherServer(writeForEver)
  let acknowledged = ''
  server.stdout.on('data', (chunk: Buffer) => {
    acknowledged += chunk.toString()
  })
  expect(await waitUntil(() => acknowledged.split('\n').length > 200, { timeout: 60_000 })).toBe(true)
  server.kill('SIGKILL')
  await once(server, 'close')
  expect(await waitUntil(() => running().length === 0, { timeout: 15_000 })).toBe(true)
  const last = Number(acknowledged.trimEnd().split('\n').at(-1))
  await using pg = await start()
  const rows = await numbers(pg)
  expect(rows.length).toBeGreaterThanOrEqual(last)
  expect(rows).toEqual(rows.map((_, index) => index + 1))
})

test('a database that is still stopping when the next server starts is waited for', async () => {
  const server = otherServer(writeForEver)
  await once(server.stdout, 'data')
  server.kill('SIGKILL')
  await once(server, 'exit')
  await using pg = await start()
  expect((await numbers(pg)).length).toBeGreaterThan(0)
})

test('a postmaster that an earlier server left running is ended and the database taken over', async () => {
  const first = await start()
  await query(first.connection, 'create table t (n int primary key)')
  await first.stop()
  const { owner, bin } = await startedByHand()
  expect(identify(owner)).toBeDefined()
  await using pg = await start({ binaries: bin })
  expect(await numbers(pg)).toEqual([])
  expect(identify(owner)).toBeUndefined()
})

/** Starts the postmaster of `dir` with no supervisor, as an earlier version of us might have left it. */
const startedByHand = async () => {
  const paths = postgresPaths(dir, tmpdir())
  const account = await databaseAccount(paths.data)
  const { bin } = await findBinaries({ choice: undefined, major: undefined, account, cacheDir, log: silentLog })
  const line = launchCommand({ program: join(bin, 'postgres'), args: postmasterArgs(paths), deathSignal: 'INT' }, { account, setpriv: await findSetpriv() })
  const [command = '', ...args] = line.filter((argument) => !argument.startsWith('--pdeathsig'))
  const child = spawn(command, args, { detached: true, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGQUIT'))
  const ready = await waitUntil(async () => (await readFile(join(dir, 'data/postmaster.pid'), 'utf8').catch(() => '')).includes('ready'), { timeout: 15_000 })
  expect(ready).toBe(true)
  return { owner: child.pid ?? 0, bin }
}

test('a killed postmaster comes back by itself with everything in it', async () => {
  await using pg = await start()
  await query(pg.connection, 'create table t (n int primary key)')
  await query(pg.connection, 'insert into t values (1)')
  const before = pg.pid()
  process.kill(before, 'SIGKILL')
  expect(await waitUntil(() => pg.pid() !== before, { timeout: 30_000 })).toBe(true)
  expect(await numbers(pg)).toEqual([1])
})

test('pid and socket files that name a stranger do not keep it from starting', async () => {
  const first = await start()
  const socket = first.connection.host
  await first.stop()
  const lines = [process.pid, join(dir, 'data'), 0, 5432, socket, '', '', 'ready']
  await writeFile(join(dir, 'data/postmaster.pid'), `${lines.join('\n')}\n`)
  await writeFile(join(socket, '.s.PGSQL.5432.lock'), `${lines.join('\n')}\n`)
  await using pg = await start()
  expect(await query(pg.connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('two supervisors on one folder: the second says who has it', async () => {
  await using _pg = await start()
  await expect(start()).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(`pid ${process.pid}`) })
})

test('a start that is aborted in the middle leaves nothing half-made, and the next one works', async () => {
  for (const ms of [50, 300, 600]) {
    const started = await start({ signal: AbortSignal.timeout(ms) }).catch(() => undefined)
    await started?.exited
    expect(running()).toEqual([])
  }
  await using pg = await start()
  expect((await readdir(dir)).filter((name) => name.includes('half'))).toEqual([])
  expect(await query(pg.connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('an aborted signal stops a running database', async () => {
  const abort = new AbortController()
  const pg = await start({ signal: abort.signal })
  abort.abort()
  await pg.exited
  expect(running()).toEqual([])
})

test('a folder too long for a socket works, too', async () => {
  dir = join(dir, 'x'.repeat(100))
  await using pg = await start()
  onTestFinished(() => rm(pg.connection.host, { recursive: true, force: true }))
  expect(pg.connection.host.length).toBeLessThan(90)
  expect(await query(pg.connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('data of another version is left alone, with a message that says which and what to do', async () => {
  await (await start()).stop()
  const file = join(dir, 'data/PG_VERSION')
  const version = await readFile(file, 'utf8')
  await writeFile(file, '13\n')
  const hint = expect.stringMatching(/Install PostgreSQL 13 .* Nothing was changed\./)
  await expect(start()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('made by PostgreSQL 13'), hint })
  await writeFile(file, version)
  await using pg = await start()
  expect(pg.version.split('.')[0]).toBe(version.trim())
})

test('data that the bundled binaries made is run by them again, whatever else is installed', async () => {
  const first = await start({ binaries: 'bundled' })
  await first.stop()
  await using pg = await start()
  expect(pg.version.split('.')[0]).toBe(first.version.split('.')[0])
})

test('a folder with other files in it is not touched', async () => {
  await mkdir(join(dir, 'data'), { recursive: true })
  await writeFile(join(dir, 'data/precious'), 'x')
  // As root the folder belongs to root, which is refused first; both leave the file.
  await expect(start()).rejects.toMatchObject({ name: 'DavitError' })
  expect(await readFile(join(dir, 'data/precious'), 'utf8')).toBe('x')
})

if (process.getuid?.() === 0) {
  test('a folder that the account of the database may not pass is named, before anything is made', async () => {
    const closed = join(dir, 'closed')
    await mkdir(closed, { recursive: true })
    await chmod(closed, 0o700)
    const message = expect.stringContaining(`may not pass the folder ${closed} on the way`)
    await expect(start({ dir: join(closed, 'pg') })).rejects.toMatchObject({
      code: 'unavailable',
      message,
      hint: expect.stringContaining(`chmod o+x ${closed}`),
    })
    expect(await readdir(join(closed, 'pg'))).toEqual([])
  })

  test('as root the database runs as another user', async () => {
    await using pg = await start()
    expect((await stat(`/proc/${pg.pid()}`)).uid).not.toBe(0)
  })
}
