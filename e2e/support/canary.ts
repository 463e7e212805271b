import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { Davit, getOrCreateProject, type ProjectHandle, type RunHandle } from 'davit'
import { expect, onTestFinished } from 'vitest'
import { ask } from '../../packages/server/src/store/testing/database-for-tests.ts'
import { type House, type HouseOptions, shell, testHouse } from './house.ts'
import { type OwnDatabase, startOwnDatabase } from './own-database.ts'

/** A server with authentication, and everything in it that nobody may find elsewhere. */
export interface Canary {
  readonly house: House
  readonly database: OwnDatabase
  readonly project: ProjectHandle
  /** Of the administrator. */
  readonly client: Davit
  readonly headers: Readonly<Record<string, string>>
  /** The value of the secret `token`. */
  readonly value: string
  /** The first administrator's, which the log shows once. */
  readonly adminToken: string
  /** Of ann, who may look at the project. */
  readonly personalToken: string
  /** Of a variable: runs and tasks show it, the audit log never. */
  readonly variable: string
  /** All that is to be looked for. */
  readonly secrets: readonly string[]
}

/** A server on an engine, for one test, with a secret in the project `canary`, a person with a password, and tokens. */
export async function hideCanary({ flags = [], ...options }: HouseOptions): Promise<Canary> {
  const value = `canary-${randomUUID()}`
  const password = `password-${randomUUID()}`
  const variable = `variable-${randomUUID()}`
  const database = await startOwnDatabase()
  onTestFinished(database.close)
  const house = await testHouse({ ...options, flags: [...flags, '--log-level', 'debug', '--auth', 'basic,bearer', ...database.flags] })
  const adminToken = house.server.log().match(/dvt_[\w-]+/)?.[0] ?? ''
  const client = new Davit({ endpoint: house.url, token: adminToken })
  await client.users.create({ name: 'ann', password })
  const { token: personalToken } = await client.tokens.create({ name: 'for ann', user: 'ann' })
  const project = await getOrCreateProject('canary', { client })
  await client.members.put('canary', { user: 'ann', role: 'viewer' })
  await project.newSecret({ name: 'token', secret_value: value })
  const headers = { authorization: `Bearer ${adminToken}` }
  return { house, database, project, client, headers, value, adminToken, personalToken, variable, secrets: [value, password, personalToken, adminToken] }
}

/** A job that checks the secret and stays, once it runs. */
export const running = async (project: ProjectHandle, options: object): Promise<RunHandle> => {
  const fn = await shell(project, 'test -n "$token"; trap "exit 0" TERM; while true; do sleep 0.2; done')
  return (await fn.run('job', options)).wait({ until: 'ready', timeoutMs: 60_000 })
}

/** As it is, and as it would look in a bytea column, a Basic header, a log's content or a Secret. */
const shapesOf = (secret: string): readonly string[] => [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64').replace(/=+$/, '')]

export const expectNone = (where: string, text: string, secrets: readonly string[]): void => {
  expect([where, text.length > 0]).toEqual([where, true])
  const found = secrets.flatMap(shapesOf).filter((shape) => text.includes(shape))
  expect([where, found]).toEqual([where, []])
}

/** Command lines of all processes, as `ps` shows them: on the machine that is the node of the tests' cluster too. */
export const commandLines = (): string =>
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

/** Everything that the API says, the audit log with it, but for the one address that gives values. */
async function answers({ house, headers }: Canary, run: string): Promise<string> {
  const P = '/api/v1/-/canary'
  const paths = ['/api/v1/projects', '/api/v1/projects/canary', `${P}/secrets`, `${P}/functions`, `${P}/tasks`, `${P}/runs`, `${P}/runs/${run}`, `${P}/members`]
  const more = [`${P}/runs/${run}/watch?follow=false`, `${P}/runs/${run}/logs`, `${P}/logs`, '/api/v1/server', '/api/v1/users', '/api/v1/tokens/personal']
  const others = ['/api/v1/account', '/api/v1/audit?size=1000', '/metrics', '/.well-known/configuration', '/auth/jwks', '/api/auth']
  const texts = [...paths, ...more, ...others].map(async (path) => {
    const answer = await fetch(house.url + path, { headers })
    expect([path, answer.status]).toEqual([path, 200])
    return answer.text()
  })
  return (await Promise.all(texts)).join('\n')
}

/** Requests that go wrong with secrets in them: what is said about them must not repeat them. */
async function refusals({ house, headers, value }: Canary): Promise<string> {
  const json = { ...headers, 'content-type': 'application/json' }
  const basic = Buffer.from(`admin:${value}`).toString('base64')
  const wrong: readonly [string, RequestInit][] = [
    ['/api/v1/-/canary/secrets/data', { method: 'PUT', headers: json, body: JSON.stringify({ ghost: value }) }],
    ['/api/v1/-/canary/secrets/data', { method: 'PUT', headers: json, body: `{"token":"${value}` }],
    ['/api/v1/users/admin/password', { method: 'PUT', headers: json, body: JSON.stringify({ password: value, current: 7 }) }],
    ['/api/v1/account', { headers: { authorization: `Basic ${basic}` } }],
    ['/api/v1/account', { headers: { authorization: `Bearer ${value}` } }],
    ['/auth/token', { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'davit', refresh_token: value }) }],
  ]
  const texts = wrong.map(async ([path, init]) => {
    const answer = await fetch(house.url + path, init)
    expect([path, answer.status]).toEqual([path, expect.toSatisfy((status: number) => status >= 400 && status < 500)])
    return answer.text()
  })
  return (await Promise.all(texts)).join('\n')
}

/** Tasks with a variable are made, changed in each form that variables come in, and deleted: the audit log has its name. */
async function auditLog({ house, headers, variable }: Canary): Promise<string> {
  const P = '/api/v1/-/canary'
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(house.url + path, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    expect([path, answer.status, text]).toEqual([path, 200, text])
    return JSON.parse(text || 'null')
  }
  const fn = await ask<{ id: string }>('POST', `${P}/functions`, { name: 'audited', kind: 'container', spec: { image: 'app:1' } })
  const task = (envs: unknown) => ({ kind: 'container+job', spec: { function: `container://canary/audited:${fn.id}`, envs } })
  const { id } = await ask<{ id: string }>('POST', `${P}/tasks`, task([{ name: 'CANARY', value: variable }]))
  await ask('PUT', `${P}/tasks/${id}`, task({ CANARY: `${variable}!` }))
  await ask('DELETE', `${P}/tasks/${id}`)
  return (await fetch(`${house.url}/api/v1/audit?size=1000`, { headers })).text()
}

/** While a run has it: no process, answer, refusal or row of the database does. */
export async function expectSilence(canary: Canary, run: string): Promise<void> {
  const { house, database, client, personalToken, secrets } = canary
  expectNone('the process list', commandLines(), secrets)
  expectNone('refusals', await refusals(canary), secrets)
  expectNone('answers', await answers(canary, run), secrets)
  const audited = await auditLog(canary)
  expect(audited).toContain('CANARY')
  expectNone('the audit log', audited, [...secrets, canary.variable])
  const ann = await fetch(`${house.url}/api/v1/-/canary/secrets/data?keys=token`, { headers: { authorization: `Bearer ${personalToken}` } })
  expect(ann.status).toBe(403)
  expectNone('a refusal to read it', await ann.text(), secrets)
  await client.admin.rotateKeys()
  expectNone('the database', await database.dump(), secrets)
}

/** It goes with its project; neither the server's log, which shows the first token once, nor PostgreSQL's ever had it. */
export async function expectForgotten({ house, database, project, adminToken, secrets }: Canary): Promise<void> {
  await project.delete({ cascade: true })
  expect((await ask<{ count: string }>(database.connection, 'select count(*)::text as count from secret'))[0]?.count).toBe('0')
  await house.server.end('SIGTERM')
  expectNone('the database, afterwards', await database.dump(), secrets)
  const log = house.server.log()
  expect(log).toContain('debug')
  expect(log.split(adminToken)).toHaveLength(2)
  expectNone('the log', log.replace(adminToken, ''), secrets)
  expectNone("PostgreSQL's log", database.log(), secrets)
}
