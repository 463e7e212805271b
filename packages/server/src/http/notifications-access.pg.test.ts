import { request } from 'node:http'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Notification } from '#service/notifications.ts'
import type { Database } from '#store/database.ts'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { formatFrame, parseFrames, type StompFrame } from './stomp.ts'
import { authFor, people } from './testing/people.ts'
import { given, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

const databases = databasesForTests()
let database: Database
let server: ServerForTests
let admin: { readonly authorization: string }
let viewer: { readonly authorization: string }
beforeAll(async () => {
  database = await databases.fresh()
  const filling = await serverForTests(database)
  for (const project of ['mine', 'other']) await given(filling, project)
  await filling.close()
  server = await serverForTests(databases.again(database), { auth: authFor(), corsOrigins: ['https://console.acme.org'] })
  const { person } = people(server)
  admin = await person('anna', { admin: true })
  viewer = await person('victor', { roles: { mine: 'viewer' } })
})

async function follow(authorization: string | undefined, destination: string) {
  const socket = new WebSocket(`${(await server.listen()).replace('http', 'ws')}/ws`, ['v12.stomp'])
  onTestFinished(() => socket.close())
  const frames: StompFrame[] = []
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => void frames.push(...(parseFrames(data) ?? [])))
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
  socket.send(formatFrame('CONNECT', { 'accept-version': '1.2', ...(authorization && { Authorization: authorization }) }))
  socket.send(formatFrame('SUBSCRIBE', { id: '1', destination, receipt: 'r' }))
  await expect.poll(() => frames.some(({ command }) => command === 'RECEIPT' || command === 'ERROR')).toBe(true)
  const told = () => frames.filter(({ command }) => command === 'MESSAGE').map(({ body }) => JSON.parse(body) as Notification)
  return { frames, told }
}

const makeSecret = (project: string, name: string) => server.send('POST', `/api/v1/-/${project}/secrets`, { body: { name }, headers: admin })

test('a member is told of their project, and of no other', async () => {
  const [ofViewer, ofAdmin] = [await follow(viewer.authorization, '/notifications/secrets'), await follow(admin.authorization, '/notifications/secrets')]
  await makeSecret('other', 'hidden')
  await makeSecret('mine', 'seen')
  await expect.poll(() => ofAdmin.told().map(({ record }) => record['name'])).toEqual(['hidden', 'seen'])
  await expect.poll(() => ofViewer.told().map(({ record }) => record['name'])).toEqual(['seen'])
})

test("a topic of somebody else's project is refused in the same words whether it exists or not", async () => {
  const words = async (project: string) => (await follow(viewer.authorization, `/notifications/-/${project}/runs`)).frames.at(-1)?.headers['message']
  expect(await words('other')).toBe('victor may not follow /notifications/-/other/runs')
  expect(await words('nowhere')).toBe('victor may not follow /notifications/-/nowhere/runs')
  expect((await follow(viewer.authorization, '/notifications/-/other/models')).frames.at(-1)?.headers['message']).toMatch(/^victor may not follow/)
})

test('without a token, or with a wrong one, nothing is told', async () => {
  for (const authorization of [undefined, 'Bearer ', 'Bearer dvt_wrong'])
    expect((await follow(authorization, '/notifications/runs')).frames.map(({ command }) => command)).toEqual(['ERROR'])
})

describe('a page that asks for notifications', () => {
  /** 101: it may follow; else why not. */
  const upgrade = async (on: ServerForTests, headers: Record<string, string>): Promise<number | undefined> => {
    const url = await on.listen()
    const asked = request(`${url}/ws`, {
      agent: false,
      headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', ...headers },
    }).end()
    return new Promise((resolve, reject) => {
      asked.on('error', reject)
      asked.on('response', (response) => resolve((response.resume(), response.statusCode)))
      asked.on('upgrade', ({ statusCode }, socket) => resolve((socket.destroy(), statusCode)))
    })
  }

  test('must be one of ours, or of those that may call: a cookie alone is sent by every page', async () => {
    const origin = await server.listen()
    for (const headers of [{}, { origin }, { origin: 'https://console.acme.org' }]) expect(await upgrade(server, headers)).toBe(101)
    for (const foreign of ['https://evil.example', 'http://127.0.0.1:3000', 'null']) expect(await upgrade(server, { origin: foreign })).toBe(403)
  })

  test('must be so too where nobody has to log in: a run may have published it on loopback', async () => {
    const open = await serverForTests(databases.again(database))
    const origin = await open.listen()
    for (const headers of [{}, { origin }]) expect(await upgrade(open, headers)).toBe(101)
    for (const foreign of ['http://127.0.0.1:3000', 'http://localhost:3000', 'https://evil.example']) expect(await upgrade(open, { origin: foreign })).toBe(403)
    await open.close()
  })
})

test('lists without a project show what the caller may see, and an id of another project is none', async () => {
  const names = async (headers: Record<string, string>) =>
    (await server.send<{ content: { project: string }[] }>('GET', '/api/v1/functions', { headers })).json.content.map(({ project }) => project).sort()
  expect(await names(admin)).toEqual(['mine', 'other'])
  expect(await names(viewer)).toEqual(['mine'])
  const { json } = await server.send<{ content: { id: string; project: string }[] }>('GET', '/api/v1/functions', { headers: admin })
  const hidden = json.content.find(({ project }) => project === 'other')?.id ?? ''
  expect((await server.send('GET', `/api/v1/functions/${hidden}`, { headers: viewer })).status).toBe(404)
  expect((await server.send('DELETE', `/api/v1/functions/${hidden}`, { headers: viewer })).status).toBe(404)
  const mine = json.content.find(({ project }) => project === 'mine')?.id ?? ''
  expect((await server.send('DELETE', `/api/v1/functions/${mine}`, { headers: viewer })).status).toBe(403)
})

test('sharing a project makes a member, who then sees it', async () => {
  const { person } = people(server)
  const bob = await person('bob')
  expect((await server.send('GET', '/api/v1/projects/mine', { headers: bob })).status).toBe(403)
  await server.send('POST', '/api/v1/projects/mine/share?user=bob', { body: {}, headers: admin })
  expect((await server.send('GET', '/api/v1/projects/mine', { headers: bob })).status).toBe(200)
  const shares = (await server.send<{ id: string; user: string }[]>('GET', '/api/v1/projects/mine/share', { headers: admin })).json
  expect(shares.map(({ user }) => user).sort()).toEqual(['bob', 'victor'])
  await server.send('DELETE', `/api/v1/projects/mine/share?user=bob&id=${shares.find(({ user }) => user === 'bob')?.id}`, { headers: admin })
  expect((await server.send('GET', '/api/v1/projects/mine', { headers: bob })).status).toBe(403)
})
