import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { ErrorBody, type Run } from 'davit/contract'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Notification } from '#service/notifications.ts'
import { databasesForTests } from '#store/testing/database-for-tests.ts'
import { formatFrame, parseFrames, type StompFrame } from './stomp.ts'
import { given, inState, type ServerForTests, serverForTests } from './testing/server-for-tests.ts'

const databases = databasesForTests()
let server: ServerForTests
beforeAll(async () => {
  server = await serverForTests(await databases.fresh())
})

/** A client as dhcli (binary frames) or the console (text) is one. */
async function client({ binary = false, connect = true } = {}) {
  const socket = new WebSocket(`${(await server.listen()).replace('http', 'ws')}/ws`, ['v12.stomp'])
  socket.binaryType = 'arraybuffer'
  onTestFinished(() => socket.close())
  const frames: StompFrame[] = []
  const kinds = new Set<boolean>()
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    kinds.add(typeof data !== 'string')
    frames.push(...(parseFrames(typeof data === 'string' ? data : Buffer.from(data).toString()) ?? []))
  })
  const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code), { once: true }))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', reject, { once: true })
  })
  const send = (command: string, headers: Record<string, string> = {}) =>
    socket.send(binary ? Buffer.from(formatFrame(command, headers)) : formatFrame(command, headers))
  const next = async (wanted: string): Promise<StompFrame> => {
    await expect.poll(() => frames.some(({ command }) => command === wanted), { timeout: 10_000 }).toBe(true)
    const at = frames.findIndex(({ command }) => command === wanted)
    return frames.splice(at, 1)[0] ?? { command: 'none', headers: {}, body: '' }
  }
  const told = async (): Promise<Notification> => JSON.parse((await next('MESSAGE')).body) as Notification
  const subscribe = async (destination: string, id = '1') => {
    send('SUBSCRIBE', { id, destination, receipt: `r${id}` })
    await next('RECEIPT')
  }
  if (connect) {
    send('CONNECT', { 'accept-version': '1.2', 'heart-beat': '10000,10000', Authorization: 'Bearer ' })
    expect((await next('CONNECTED')).headers).toMatchObject({ version: '1.2' })
  }
  return { socket, send, next, told, subscribe, frames, kinds, closed }
}

test('who follows runs is told of each change, with the run as it is then', async () => {
  const { start, P } = await given(server, 'followed')
  const { subscribe, told } = await client()
  await subscribe('/notifications/runs')
  const { id } = await start('sleep infinity')
  const toldOf = async (state: string): Promise<void> => {
    for (let seen = ''; seen !== state; ) {
      const { action, resource, record, user } = await told()
      expect([action === 'CREATE' || action === 'UPDATE', resource, user, record['id']]).toEqual([true, 'runs', 'anonymous', id])
      seen = (record as unknown as Run).status.state
    }
  }
  await toldOf('RUNNING')
  await server.send('POST', `${P}/runs/${id}/stop`)
  await toldOf('STOPPED')
})

test('a topic of one run, one project or the subscriber alone tells of nothing else', async () => {
  const [one, two] = [await given(server, 'topic-one'), await given(server, 'topic-two')]
  const watched = await two.start('sleep infinity')
  const follower = await client()
  await follower.subscribe(`/notifications/runs/${watched.id}`, '1')
  await follower.subscribe('/notifications/-/topic-two/functions', '2')
  await follower.subscribe('/user/notifications/projects', '3')
  await one.start('true')
  await server.send('POST', `${two.P}/runs/${watched.id}/stop`)
  await server.send('POST', `${two.P}/functions`, { body: { name: 'later', kind: 'container', spec: { image: 'app:1' } } })
  await server.send('POST', '/api/v1/projects', { body: { name: 'topic-three' } })
  const seen = new Set<string>()
  while (seen.size < 3) {
    const { resource, record } = await follower.told()
    seen.add(`${resource} ${String(record['project'])} ${resource === 'runs' ? String(record['id'] === watched.id) : String(record['name'])}`)
  }
  expect([...seen].sort()).toEqual(['functions topic-two later', 'projects topic-three topic-three', 'runs topic-two true'])
})

test('a deletion is told with what is left to say of the entity', async () => {
  const { P } = await given(server, 'told-deleted')
  const secret = (await server.send<{ id: string }>('POST', `${P}/secrets`, { body: { name: 'gone' } })).json
  const { subscribe, told } = await client()
  await subscribe('/notifications/secrets')
  await server.send('DELETE', `${P}/secrets/${secret.id}`)
  expect(await told()).toMatchObject({ action: 'DELETE', resource: 'secrets', record: { id: secret.id, name: 'gone', project: 'told-deleted' } })
})

test('a client that speaks in binary frames is answered in binary frames', async () => {
  const { subscribe, told, kinds } = await client({ binary: true })
  await subscribe('/notifications/projects')
  await server.send('POST', '/api/v1/projects', { body: { name: 'binary' } })
  expect((await told()).record['name']).toBe('binary')
  expect([...kinds]).toEqual([true])
})

test('a topic of what Davit has none of, as the console follows it beside all others, is silent and ends nothing', async () => {
  const { subscribe, told } = await client()
  for (const [index, name] of ['artifacts', 'dataitems', 'models', 'workflows', 'triggers', 'logs'].entries())
    await subscribe(`/notifications/${name}`, `silent-${index}`)
  await subscribe('/user/notifications/projects')
  await server.send('POST', '/api/v1/projects', { body: { name: 'beside-silence' } })
  expect((await told()).record['name']).toBe('beside-silence')
})

test('nothing is told after UNSUBSCRIBE, and DISCONNECT ends the connection with its receipt', async () => {
  const { subscribe, send, next, frames, closed } = await client()
  await subscribe('/notifications/projects')
  send('UNSUBSCRIBE', { id: '1', receipt: 'u' })
  await next('RECEIPT')
  await server.send('POST', '/api/v1/projects', { body: { name: 'unheard' } })
  await server.until('followed', (await (await given(server, 'followed')).start('true')).id, inState('COMPLETED'))
  expect(frames).toEqual([])
  send('DISCONNECT', { receipt: 'bye' })
  expect((await next('RECEIPT')).headers['receipt-id']).toBe('bye')
  expect(await closed).toBe(1000)
})

test.each([
  ['comes before CONNECT', 'SUBSCRIBE', { destination: '/notifications/runs' }, false],
  ['names no topic', 'SUBSCRIBE', { id: '1', destination: '/queue/nothing' }, true],
  ['is not for here', 'SEND', { destination: '/notifications/runs' }, true],
] as const)('a frame that %s ends the connection with the reason', async (_, command, headers, connect) => {
  const { send, next, closed } = await client({ connect })
  send(command, headers)
  expect((await next('ERROR')).headers['message']).not.toBe('')
  expect(await closed).toBeGreaterThanOrEqual(1002)
})

test('what is no STOMP, and a page of another origin, are refused; a plain GET is told what this is', async () => {
  const { socket, closed } = await client({ connect: false })
  socket.send('hello')
  expect(await closed).toBe(1002)
  const upgrade = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'x'.repeat(22).concat('==') }
  const foreign = request(`${await server.listen()}/ws`, { headers: { ...upgrade, origin: 'http://evil.example' } }).end()
  const [answer] = (await once(foreign, 'response')) as [{ statusCode: number }]
  expect(answer.statusCode).toBe(403)
  expect((await server.send('GET', '/ws')).status).toBeGreaterThanOrEqual(400)
})

test('an upgrade that is none is refused in the words of all errors', async () => {
  const upgrade = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'x'.repeat(22).concat('==') }
  for (const wrong of [{ 'sec-websocket-key': 'x' }, { 'sec-websocket-version': '7' }, { 'sec-websocket-protocol': 'a,,' }]) {
    const asked = request(`${await server.listen()}/ws`, { headers: { ...upgrade, ...wrong } }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    expect(ErrorBody.parse(JSON.parse(await text(answer)))).toMatchObject({ status: 400, message: expect.stringContaining('Sec-WebSocket') })
  }
})
