/** What a reply says of the question (RFC 1035, 4.1.1). */
const CODES = { answered: 0, malformed: 1, unavailable: 2, 'no such name': 3, 'not implemented': 4 } as const
export type DnsCode = keyof typeof CODES

export interface DnsQuestion {
  /** The parts of the name, in small letters. */
  readonly labels: readonly string[]
  /** Whether it asks for IPv4 addresses. */
  readonly forAddresses: boolean
  /** As it was in the packet: an answer repeats it. */
  readonly bytes: Buffer
}

export interface DnsQuery {
  readonly id: number
  readonly flags: number
  readonly opcode: number
  /** Undefined: it cannot be read, or there is not exactly one. */
  readonly question: DnsQuestion | undefined
}

export interface DnsReply {
  readonly code: DnsCode
  /** IPv4. */
  readonly addresses?: readonly string[]
}

const HEADER = 12
const IS_REPLY = 0x8000
const RECURSION_DESIRED = 0x0100
const AUTHORITATIVE = 0x0400
const TRUNCATED = 0x0200
const RECURSION_AVAILABLE = 0x0080
const A = 1
const INTERNET = 1
const LONGEST_LABEL = 63
const LONGEST_NAME = 255
/** Seconds that an answer may be kept: little, as tests make and remove Services all the time. */
const TTL = 1

/** The name that starts here and where it ends; undefined: it does not end, or is none. A question's name cannot point to another. */
const readName = (packet: Buffer, start: number): { labels: string[]; end: number } | undefined => {
  const labels: string[] = []
  let at = start
  for (;;) {
    const length = packet[at]
    if (length === undefined || length > LONGEST_LABEL || at - start >= LONGEST_NAME) return undefined
    at += 1
    if (length === 0) return { labels, end: at }
    labels.push(packet.toString('latin1', at, at + length).toLowerCase())
    at += length
  }
}

const readQuestion = (packet: Buffer): DnsQuestion | undefined => {
  const name = packet.readUInt16BE(4) === 1 ? readName(packet, HEADER) : undefined
  if (!name || packet.length < name.end + 4) return undefined
  const forAddresses = packet.readUInt16BE(name.end) === A && packet.readUInt16BE(name.end + 2) === INTERNET
  return { labels: name.labels, forAddresses, bytes: packet.subarray(HEADER, name.end + 4) }
}

/** Reads a packet. Undefined: one that gets no answer, as it is too short to be any, or an answer itself. */
export const readQuery = (packet: Buffer): DnsQuery | undefined => {
  if (packet.length < HEADER) return undefined
  const flags = packet.readUInt16BE(2)
  if (flags & IS_REPLY) return undefined
  return { id: packet.readUInt16BE(0), flags, opcode: (flags >> 11) & 0xf, question: readQuestion(packet) }
}

const record = (address: string): Buffer => {
  const bytes = Buffer.alloc(16)
  // The name is the question's, which stands right after the header.
  bytes.writeUInt16BE(0xc000 | HEADER, 0)
  bytes.writeUInt16BE(A, 2)
  bytes.writeUInt16BE(INTERNET, 4)
  bytes.writeUInt32BE(TTL, 6)
  bytes.writeUInt16BE(4, 10)
  address.split('.').forEach((part, index) => bytes.writeUInt8(Number(part), 12 + index))
  return bytes
}

/** The packet of a reply. `limit`: bytes it may have; what does not fit is left out, and the reply says so. */
export const writeReply = ({ id, flags, opcode, question }: DnsQuery, { code, addresses = [] }: DnsReply, limit: number): Buffer => {
  const asked = question?.bytes ?? Buffer.alloc(0)
  const room = Math.max(0, Math.floor((limit - HEADER - asked.length) / 16))
  const records = addresses.slice(0, room).map(record)
  const header = Buffer.alloc(HEADER)
  header.writeUInt16BE(id, 0)
  const cut = records.length < addresses.length ? TRUNCATED : 0
  header.writeUInt16BE(IS_REPLY | (opcode << 11) | AUTHORITATIVE | cut | (flags & RECURSION_DESIRED) | RECURSION_AVAILABLE | CODES[code], 2)
  header.writeUInt16BE(question ? 1 : 0, 4)
  header.writeUInt16BE(records.length, 6)
  return Buffer.concat([header, asked, ...records])
}
