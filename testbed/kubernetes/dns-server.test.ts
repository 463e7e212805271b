import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { query, readReply } from './dns-fixture.ts'
import { type DnsServer, serveDns } from './dns-server.ts'

const host = '127.0.0.1'
const addresses = Array.from({ length: 60 }, (_, index) => `10.0.0.${index}`)
let server: DnsServer | undefined
const serve = async () => (server = await serveDns(host, 0, ({ labels }) => (labels[0] === 'many' ? { code: 'answered', addresses } : { code: 'no such name' })))
afterEach(() => server?.close())

const overUdp = async (port: number, ...packets: readonly Buffer[]): Promise<Buffer> => {
  const socket = createSocket('udp4')
  try {
    const heard = once(socket, 'message')
    for (const packet of packets) socket.send(packet, port, host)
    const [reply] = await heard
    return reply
  } finally {
    socket.close()
  }
}

const framed = (packet: Buffer): Buffer => Buffer.concat([Buffer.from([packet.length >> 8, packet.length & 0xff]), packet])

test('what does not fit on UDP is whole on TCP, where several questions share a connection however they are cut', async () => {
  const { port } = await serve()
  expect(readReply(await overUdp(port, query('many.x')))).toMatchObject({ code: 0, cut: true })
  const socket = connect(port, host).setNoDelay()
  const heard: Buffer[] = []
  socket.on('data', (chunk: Buffer) => heard.push(chunk))
  for (const byte of Buffer.concat([framed(query('many.x', { id: 1 })), framed(query('none.x', { id: 2 }))])) socket.write(Buffer.from([byte]))
  const first = (): number => Buffer.concat(heard).readUInt16BE(0) + 2
  while (heard.length === 0 || Buffer.concat(heard).length <= first()) await once(socket, 'data')
  socket.destroy()
  const all = Buffer.concat(heard)
  expect(readReply(all.subarray(2, first()))).toMatchObject({ id: 1, cut: false, addresses })
  expect(readReply(all.subarray(first() + 2))).toMatchObject({ id: 2, code: 3 })
})

test('packets that cannot be read do not stop it', async () => {
  const { port } = await serve()
  const garbage = [Buffer.from('x'), Buffer.alloc(0), Buffer.alloc(12, 0x80)]
  expect(readReply(await overUdp(port, ...garbage, query('none.x', { id: 9 })))).toMatchObject({ id: 9, code: 3 })
  const cut = await overUdp(port, query('none.x').subarray(0, 15))
  expect({ flags: cut.readUInt16BE(2) & 0xf, length: cut.length }).toEqual({ flags: 1, length: 12 })
  const other = query('none.x')
  other.writeUInt16BE(0x2800, 2)
  expect((await overUdp(port, other)).readUInt16BE(2) & 0xf).toBe(4)
  const socket = connect(port, host)
  socket.write(Buffer.from([0, 3, 1, 2, 3]))
  await once(socket, 'close')
  expect(readReply(await overUdp(port, query('none.x')))).toMatchObject({ code: 3 })
})
