/** The packet that asks for a name. Defaults: id 1, addresses (type 1). */
export const query = (name: string, { id = 1, type = 1 } = {}): Buffer => {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)])
  return Buffer.from([id >> 8, id & 0xff, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1])
}

/** A reply as a resolver reads it. */
export const readReply = (packet: Buffer): { id: number; code: number; cut: boolean; name: string; addresses: string[] } => {
  const labels: string[] = []
  let at = 12
  for (let length = packet.readUInt8(at); length > 0; length = packet.readUInt8(at)) {
    labels.push(packet.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const first = at + 5
  const addresses = Array.from({ length: packet.readUInt16BE(6) }, (_, index) => [...packet.subarray(first + index * 16 + 12, first + index * 16 + 16)].join('.'))
  const flags = packet.readUInt16BE(2)
  return { id: packet.readUInt16BE(0), code: flags & 0xf, cut: (flags & 0x200) !== 0, name: labels.join('.'), addresses }
}
