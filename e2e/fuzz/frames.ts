import fc, { type Arbitrary } from 'fast-check'
import type { WireRequest } from './exchange.ts'
import { hostileText } from './values.ts'

/** Asks for a WebSocket. */
export const HANDSHAKE: WireRequest['headers'] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'ZnV6emVkIGZyb20gaGVyZQ=='],
  ['Sec-WebSocket-Protocol', 'v12.stomp'],
]

const OPCODES = { more: 0, text: 1, binary: 2, close: 8, ping: 9, unknown: 11 } as const
const MASK = Buffer.from([1, 2, 3, 4])

interface Framing {
  readonly opcode: number
  /** More of the same message comes. */
  readonly open: boolean
  /** As clients must. */
  readonly masked: boolean
  /** How many bytes more, or fewer, than there are it claims to have. */
  readonly off: number
}

/** One WebSocket frame of less than 64 KiB. */
const frameOf = (payload: Buffer, { opcode, open, masked, off }: Framing): Buffer => {
  const length = Math.max(0, payload.length + off)
  const size = length < 126 ? Buffer.from([length]) : Buffer.from([126, length >> 8, length & 255])
  size[0] = (size[0] ?? 0) | (masked ? 128 : 0)
  const sent = masked ? payload.map((byte, at) => byte ^ (MASK[at % 4] ?? 0)) : payload
  return Buffer.concat([Buffer.from([(open ? 0 : 128) | opcode]), size, ...(masked ? [MASK] : []), sent])
}

const COMMANDS = ['CONNECT', 'STOMP', 'SUBSCRIBE', 'UNSUBSCRIBE', 'SEND', 'ACK', 'BEGIN', 'DISCONNECT', '', 'x'] as const
const HEADERS = [
  'accept-version:1.2,1.1,1.0',
  'accept-version:9',
  'heart-beat:0,0',
  'heart-beat:-1,1e400',
  'heart-beat:1,1',
  'Authorization:Bearer x',
  'Authorization:Basic !!!',
  'id:1',
  'id:__proto__',
  'destination:/notifications/runs',
  'destination:/user/notifications/runs',
  'destination:/notifications/runs/fuzz',
  'destination:/notifications/../x',
  'receipt:1',
  'content-length:99999999999',
  'content-length:-1',
  'no colon',
  ':',
  '__proto__:x',
  '\\c\\x:\\n',
] as const // prettier-ignore

const stompText: Arbitrary<string> = fc
  .record({
    command: fc.constantFrom(...COMMANDS),
    headers: fc.array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...HEADERS) }, { weight: 1, arbitrary: hostileText.map((text) => `id:${text}`) }), {
      maxLength: 4,
    }),
    body: fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: hostileText }),
    end: fc.constantFrom('\0', '\0\n', ''),
  })
  .map(({ command, headers, body, end }) => `${[command, ...headers].join('\n')}\n\n${body}${end}`)

const CONNECT = 'CONNECT\naccept-version:1.2\n\n\0'
const plain: Framing = { opcode: OPCODES.text, open: false, masked: true, off: 0 }
const bent: Arbitrary<Framing> = fc.record({
  opcode: fc.constantFrom(...Object.values(OPCODES)),
  open: fc.boolean(),
  masked: fc.boolean(),
  off: fc.constantFrom(0, 0, 0, -1, 1, 200, 60_000),
})

const frame: Arbitrary<Buffer> = fc
  .tuple(fc.oneof(fc.constant(CONNECT), stompText, hostileText), fc.oneof({ weight: 3, arbitrary: fc.constant(plain) }, { weight: 1, arbitrary: bent }))
  .map(([text, framing]) => frameOf(Buffer.from(text).subarray(0, 60_000), framing))

/** What a client says on a WebSocket, mostly STOMP, each character one byte. */
export const framesOf: Arbitrary<string> = fc.array(frame, { maxLength: 4 }).map((frames) => Buffer.concat(frames).toString('latin1'))
