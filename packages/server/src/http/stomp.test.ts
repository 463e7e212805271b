import { expect, test } from 'vitest'
import { agreedHeartBeat, agreedVersion, formatFrame, parseFrames } from './stomp.ts'

test('a frame is read as it was written', () => {
  const headers = { destination: '/notifications/runs', odd: 'a:b\nc\\d' }
  expect(parseFrames(formatFrame('MESSAGE', headers, '{"a":1}'))).toEqual([{ command: 'MESSAGE', headers, body: '{"a":1}' }])
})

test('several frames, line ends of Windows and heart-beats between them are understood', () => {
  expect(parseFrames('\n\nSUBSCRIBE\r\nid:1\r\n\r\n\0\nDISCONNECT\n\n\0\n')?.map(({ command }) => command)).toEqual(['SUBSCRIBE', 'DISCONNECT'])
  expect(parseFrames('\n')).toEqual([])
})

test('CONNECT has no escapes: a token may hold backslashes', () => {
  expect(parseFrames('CONNECT\nAuthorization:Bearer a\\nb\n\n\0')?.[0]?.headers['Authorization']).toBe('Bearer a\\nb')
})

test('the first of two headers counts, and names of prototypes are names', () => {
  expect(parseFrames('SEND\na:1\na:2\n\n\0')?.[0]?.headers['a']).toBe('1')
  expect(parseFrames('SEND\n__proto__:x\n\n\0')?.[0]?.headers['__proto__']).toBe('x')
})

test('what is no STOMP is told apart', () => {
  expect(parseFrames('hello')).toBeUndefined()
  expect(parseFrames('{"a":1}\n\n')).toBeUndefined()
})

test('the newest version that both know is spoken', () => {
  expect(agreedVersion('1.0,1.1,1.2')).toBe('1.2')
  expect(agreedVersion()).toBe('1.0')
  expect(agreedVersion('2.0')).toBeUndefined()
})

test('heart-beats are as slow as the slower side wants, and absent where one side wants none', () => {
  expect(agreedHeartBeat('10000,20000', 10_000)).toEqual({ send: 20_000, expect: 10_000 })
  expect(agreedHeartBeat('0,0', 10_000)).toEqual({ send: 0, expect: 0 })
  expect(agreedHeartBeat(undefined, 10_000)).toEqual({ send: 0, expect: 0 })
  expect(agreedHeartBeat(`${'9'.repeat(20)},${2 ** 31}`, 10_000)).toEqual({ send: 86_400_000, expect: 86_400_000 })
})
