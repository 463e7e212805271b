import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Davit, getOrCreateProject, type ProjectHandle } from 'davit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EmbeddedPostgres, startPostgres } from '../packages/server/src/postgres/start-postgres.ts'
import { ask } from '../packages/server/src/store/testing/database-for-tests.ts'
import { silentLog } from '../packages/server/src/supervise/log.ts'
import { cacheFolder } from '../testbed/images/index.ts'
import { closeFolder, newFolder, shell, testHouse } from './support/house.ts'
import { startTestEngine, type TestEngine } from './support/test-engine.ts'

let engine: TestEngine
let folder: string
let postgres: EmbeddedPostgres
beforeAll(async () => {
  engine = await startTestEngine()
  folder = await newFolder()
  postgres = await startPostgres({ dir: join(folder, 'postgres'), cacheDir: cacheFolder(), log: silentLog })
})
afterAll(async () => {
  await postgres?.stop()
  await closeFolder(folder)
  await engine?.close()
})

const databaseUrl = (): string =>
  `postgresql://${postgres.connection.user}@localhost:${postgres.connection.port}/${postgres.connection.database}?host=${encodeURIComponent(postgres.connection.host)}`

/** Every row of every table, as text. */
async function dump(): Promise<string> {
  const tables = await ask<{ name: string }>(postgres.connection, "select table_name as name from information_schema.tables where table_schema = 'public'")
  const rows: string[] = []
  for (const { name } of tables)
    rows.push(...(await ask<{ row: string }>(postgres.connection, `select t::text as row from "${name}" t`)).map(({ row }) => `${name} ${row}`))
  return rows.join('\n')
}

/** As it is, and as it would look in a bytea column, a Basic header or a log's content. */
const shapesOf = (secret: string): readonly string[] => [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64').replace(/=+$/, '')]

const expectNone = (where: string, text: string, secrets: readonly string[]): void => {
  const found = secrets.flatMap(shapesOf).filter((shape) => text.includes(shape))
  expect([where, found]).toEqual([where, []])
}

/** Command lines and variables of all processes that are not a container's. */
const processes = (): string =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return '' // it ended meanwhile
      }
    })
    .join('\n')

interface Everything {
  readonly url: string
  readonly headers: Record<string, string>
  readonly run: string
}

/** Everything that the API says, but for the one address that gives values. */
async function answers({ url, headers, run }: Everything): Promise<string> {
  const P = '/api/v1/-/canary'
  const paths = ['/api/v1/projects', '/api/v1/projects/canary', `${P}/secrets`, `${P}/functions`, `${P}/tasks`, `${P}/runs`, `${P}/runs/${run}`, `${P}/members`]
  const more = [`${P}/runs/${run}/watch?follow=false`, `${P}/runs/${run}/logs`, `${P}/logs`, '/api/v1/server', '/api/v1/users', '/api/v1/tokens/personal']
  const others = ['/api/v1/account', '/api/v1/audit?size=1000', '/metrics', '/.well-known/configuration', '/auth/jwks', '/api/auth']
  const texts = [...paths, ...more, ...others].map(async (path) => {
    const answer = await fetch(url + path, { headers })
    expect([path, answer.status]).toEqual([path, 200])
    return answer.text()
  })
  return (await Promise.all(texts)).join('\n')
}

/** Requests that go wrong with secrets in them: what is said about them must not repeat them. */
async function refusals({ url, headers }: Pick<Everything, 'url' | 'headers'>, canary: string): Promise<string> {
  const json = { ...headers, 'content-type': 'application/json' }
  const basic = Buffer.from(`admin:${canary}`).toString('base64')
  const wrong: readonly [string, RequestInit][] = [
    ['/api/v1/-/canary/secrets/data', { method: 'PUT', headers: json, body: JSON.stringify({ ghost: canary }) }],
    ['/api/v1/-/canary/secrets/data', { method: 'PUT', headers: json, body: `{"token":"${canary}` }],
    ['/api/v1/users/admin/password', { method: 'PUT', headers: json, body: JSON.stringify({ password: canary, current: 7 }) }],
    ['/api/v1/account', { headers: { authorization: `Basic ${basic}` } }],
    ['/api/v1/account', { headers: { authorization: `Bearer ${canary}` } }],
    ['/auth/token', { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'davit', refresh_token: canary }) }],
  ]
  const texts = wrong.map(async ([path, init]) => {
    const answer = await fetch(url + path, init)
    expect([path, answer.status]).toEqual([path, expect.toSatisfy((status: number) => status >= 400 && status < 500)])
    return answer.text()
  })
  return (await Promise.all(texts)).join('\n')
}

async function inspect(runId: string): Promise<{ readonly env: readonly string[]; readonly rest: string }> {
  const [id = ''] = await engine.containersOf(runId)
  const all = await engine.docker.getContainer(id).inspect()
  const { Env: env, ...config } = all.Config
  return { env, rest: JSON.stringify({ ...all, Config: config }) }
}

const running = async (project: ProjectHandle, options: object) => {
  const fn = await shell(project, 'test -n "$token"; sleep 20')
  return (await fn.run('job', options)).wait({ until: 'ready' })
}

test('a secret is in the container that asked for it, and nowhere else on the machine', async () => {
  const canary = `canary-${randomUUID()}`
  const password = `password-${randomUUID()}`
  const house = await testHouse({ engine, flags: ['--log-level', 'debug', '--auth', 'basic,bearer', '--database', databaseUrl()] })
  const token = house.server.log().match(/dvt_[\w-]+/)?.[0] ?? ''
  const client = new Davit({ endpoint: house.url, token })
  const headers = { authorization: `Bearer ${token}` }
  await client.users.create({ name: 'ann', password })
  const personal = await client.tokens.create({ name: 'for ann', user: 'ann' })
  const project = await getOrCreateProject('canary', { client })
  await client.members.put('canary', { user: 'ann', role: 'viewer' })
  await project.newSecret({ name: 'token', secret_value: canary })

  const [asked, other] = [await running(project, { secrets: ['token'] }), await running(project, {})]
  const [one, two] = [await inspect(asked.id), await inspect(other.id)]
  expect(one.env).toContain(`token=${canary}`)
  const secrets = [canary, password, personal.token, token]
  expectNone('the rest of its container', one.rest, secrets)
  expectNone('another container', JSON.stringify(two), secrets)
  expectNone('the process list', processes(), secrets)
  const said = await refusals({ url: house.url, headers }, canary)
  expectNone('refusals', said, secrets)
  expectNone('answers', await answers({ url: house.url, headers, run: asked.id }), secrets)
  const ann = await fetch(`${house.url}/api/v1/-/canary/secrets/data?keys=token`, { headers: { authorization: `Bearer ${personal.token}` } })
  expect(ann.status).toBe(403)
  expectNone('a refusal to read it', await ann.text(), secrets)
  await client.admin.rotateKeys()
  expectNone('the database', await dump(), secrets)

  await asked.stop()
  await asked.wait({ timeoutMs: 60_000 })
  await project.delete({ cascade: true })
  expect((await ask<{ count: string }>(postgres.connection, 'select count(*)::text as count from secret'))[0]?.count).toBe('0')
  await house.server.end('SIGTERM')
  expectNone('the database, afterwards', await dump(), secrets)
  const log = house.server.log()
  expect(log.split(token)).toHaveLength(2) // shown once, to whoever started it
  expectNone('the log', log.replace(token, ''), secrets)
  expectNone("PostgreSQL's log", readFileSync(join(folder, 'postgres', 'postgres.log'), 'utf8'), secrets)
})
