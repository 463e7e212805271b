import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { type DnsQuestion, type DnsReply, readQuery, writeReply } from './dns-message.ts'

export type Resolve = (question: DnsQuestion) => DnsReply

/** A query on UDP that says nothing of it takes no longer answer; the asker comes again on TCP. */
const UDP_BYTES = 512
const TCP_BYTES = 65_535
const IDLE_MS = 10_000

const replyTo = (packet: Buffer, limit: number, resolve: Resolve): Buffer | undefined => {
  const query = readQuery(packet)
  if (!query) return undefined
  if (query.opcode !== 0) return writeReply(query, { code: 'not implemented' }, limit)
  return writeReply(query, query.question ? resolve(query.question) : { code: 'malformed' }, limit)
}

const serveUdp = async (host: string, port: number, resolve: Resolve): Promise<UdpSocket> => {
  const socket = createSocket('udp4', (packet, { address, port: from }) => {
    const reply = replyTo(packet, UDP_BYTES, resolve)
    // Who is gone gets none.
    if (reply) socket.send(reply, from, address, () => undefined)
  })
  socket.bind(port, host)
  await once(socket, 'listening')
  return socket
}

/** On TCP each message has its length before it, and one connection may bring many. */
const answerStream = (socket: Socket, resolve: Resolve): void => {
  let rest: Buffer = Buffer.alloc(0)
  socket.setTimeout(IDLE_MS, () => socket.destroy()).on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0)
      const reply = replyTo(rest.subarray(2, end), TCP_BYTES, resolve)
      rest = rest.subarray(end)
      if (!reply) return void socket.destroy()
      const length = Buffer.alloc(2)
      length.writeUInt16BE(reply.length)
      socket.write(Buffer.concat([length, reply]))
    }
  })
}

const serveTcp = async (host: string, port: number, resolve: Resolve): Promise<Server> => {
  const server = createServer((socket) => answerStream(socket, resolve))
  server.listen(port, host)
  await once(server, 'listening')
  return server
}

export interface DnsServer {
  readonly port: number
  close(): void
}

/** Answers DNS queries at an address, on UDP and TCP, until it is closed. `port` 0: any that is free. Throws when it cannot listen there. */
export const serveDns = async (host: string, port: number, resolve: Resolve, tries = port === 0 ? 20 : 1): Promise<DnsServer> => {
  const udp = await serveUdp(host, port, resolve)
  const bound = udp.address().port
  try {
    const tcp = await serveTcp(host, bound, resolve)
    return { port: bound, close: () => void (udp.close(), tcp.close()) }
  } catch (error) {
    udp.close()
    // Somebody has this number on TCP: another may be free on both.
    if (tries > 1) return serveDns(host, port, resolve, tries - 1)
    throw error
  }
}
