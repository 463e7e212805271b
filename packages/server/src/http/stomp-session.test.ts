import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import { DavitError } from 'davit/contract'
import { expect, test, vi } from 'vitest'
import type { Caller } from '#service/access.ts'
import type { Notification, Notifications, Subscriber } from '#service/notifications.ts'
import { formatFrame, parseFrames, type StompFrame } from './stomp.ts'
import { type SessionDeps, stompSession } from './stomp-session.ts'

const caller = { name: 'vera', role: 'viewer', requestId: 'r' } as unknown as Caller
const EVENT = { entity: 'run', id: 'r1', project: 'secret-project', user: 'ann', name: 'n', kind: 'container+job:run', action: 'UPDATE' } as const
const NOTIFICATION: Notification = { id: 'n', timestamp: 0, user: 'ann', action: 'UPDATE', resource: 'runs', record: { id: 'r1' } }

/** A session with a caller who sees one project only. */
function session(authenticate: SessionDeps['authenticate'] = async () => caller) {
  const frames: StompFrame[] = []
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    closed: undefined as number | undefined,
    send: (text: string) => frames.push(...(parseFrames(text) ?? [])),
    close: (code: number) => {
      socket.closed = code
      socket.emit('close')
    },
  })
  const subscribers = new Set<Subscriber>()
  const read = vi.fn(async (record: Record<string, string>): Promise<Notification> => ({ ...NOTIFICATION, record }))
  const notifications: Notifications = {
    subscribe: (subscriber) => {
      subscribers.add(subscriber)
      return () => void subscribers.delete(subscriber)
    },
    tell: (event) => {
      for (const subscriber of subscribers) subscriber(event, () => read({ project: event.project }))
    },
    maySee: (_caller, { project }) => project === 'open-project',
  }
  stompSession({ socket: socket as unknown as WebSocket, notifications, authenticate })
  const say = async (command: string, headers: Record<string, string> = {}) => {
    socket.emit('message', Buffer.from(formatFrame(command, headers)), false)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { socket, frames, say, notifications, subscribers, read }
}

test('a client that proves nothing is told why, and nothing else', async () => {
  const { say, frames, socket, subscribers } = session(async () => {
    throw new DavitError('unauthenticated', 'a token is required')
  })
  await say('CONNECT', { 'accept-version': '1.2' })
  expect(frames).toMatchObject([{ command: 'ERROR', headers: { message: 'a token is required' } }])
  expect(socket.closed).toBe(1008)
  expect(subscribers.size).toBe(0)
})

test('the token of the CONNECT frame is what proves a client', async () => {
  const authenticate = vi.fn(async () => caller)
  const { say, frames } = session(authenticate)
  await say('CONNECT', { 'accept-version': '1.2', Authorization: 'Bearer abc' })
  expect(authenticate).toHaveBeenCalledWith('Bearer abc')
  expect(frames).toMatchObject([{ command: 'CONNECTED' }])
})

test('what a client may not read is not told, and a topic of it is refused', async () => {
  const { say, frames, notifications, socket } = session()
  await say('CONNECT', { 'accept-version': '1.2' })
  await say('SUBSCRIBE', { id: '1', destination: '/notifications/runs' })
  await say('SUBSCRIBE', { id: '2', destination: '/notifications/runs/r1' })
  notifications.tell(EVENT)
  notifications.tell({ ...EVENT, project: 'open-project' })
  await new Promise((resolve) => setImmediate(resolve))
  const told = frames.filter(({ command }) => command === 'MESSAGE')
  expect(told.map(({ body }) => (JSON.parse(body) as Notification).record)).toEqual([{ project: 'open-project' }, { project: 'open-project' }])
  await say('SUBSCRIBE', { id: '3', destination: '/notifications/-/secret-project/runs' })
  expect(frames.at(-1)).toMatchObject({ command: 'ERROR', headers: { message: 'vera may not follow /notifications/-/secret-project/runs' } })
  expect(socket.closed).toBe(1008)
})

test('a client that does not read is let go', async () => {
  const { say, notifications, socket, frames } = session()
  await say('CONNECT', { 'accept-version': '1.2' })
  await say('SUBSCRIBE', { id: '1', destination: '/notifications/runs' })
  socket.bufferedAmount = 10_000_000
  notifications.tell({ ...EVENT, project: 'open-project' })
  await new Promise((resolve) => setImmediate(resolve))
  expect(frames.filter(({ command }) => command === 'MESSAGE')).toEqual([])
  expect(socket.closed).toBe(1013)
})

test('a client whose token ends is let go within a minute', async () => {
  vi.useFakeTimers()
  try {
    let proven = true
    const { socket, frames } = session(async () => {
      if (!proven) throw new DavitError('unauthenticated', 'the token was revoked')
      return caller
    })
    socket.emit('message', Buffer.from(formatFrame('CONNECT', { 'accept-version': '1.2' })), false)
    await vi.advanceTimersByTimeAsync(59_000)
    expect(socket.closed).toBeUndefined()
    proven = false
    await vi.advanceTimersByTimeAsync(2_000)
    expect(frames.at(-1)).toMatchObject({ command: 'ERROR', headers: { message: 'the token was revoked' } })
    expect(socket.closed).toBe(1008)
  } finally {
    vi.useRealTimers()
  }
})

test('what happened first is told first, however long its reading takes', async () => {
  const { say, frames, notifications, read } = session()
  await say('CONNECT', { 'accept-version': '1.2' })
  await say('SUBSCRIBE', { id: '1', destination: '/notifications/runs' })
  const slow = Promise.withResolvers<Notification>()
  read.mockReturnValueOnce(slow.promise).mockResolvedValueOnce({ ...NOTIFICATION, record: { id: 'second' } })
  for (let times = 0; times < 2; times++) notifications.tell({ ...EVENT, project: 'open-project' })
  await new Promise((resolve) => setImmediate(resolve))
  slow.resolve({ ...NOTIFICATION, record: { id: 'first' } })
  const told = () => frames.filter(({ command }) => command === 'MESSAGE').map(({ body }) => (JSON.parse(body) as Notification).record['id'])
  await vi.waitFor(() => expect(told()).toHaveLength(2))
  expect(told()).toEqual(['first', 'second'])
})
