/** The few parts of ASN.1's DER that a certificate is made of. */

const lengthOf = (size: number): Buffer => {
  if (size < 128) return Buffer.from([size])
  const bytes: number[] = []
  for (let rest = size; rest > 0; rest >>= 8) bytes.unshift(rest & 255)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

export const element = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body])
}

export const sequence = (...parts: readonly Buffer[]): Buffer => element(0x30, ...parts)
export const setOf = (...parts: readonly Buffer[]): Buffer => element(0x31, ...parts)
export const octets = (data: Buffer): Buffer => element(0x04, data)
export const text = (value: string): Buffer => element(0x0c, Buffer.from(value))
export const truth = (): Buffer => element(0x01, Buffer.from([255]))
/** Context tag `[number]` around other elements. */
export const tagged = (number: number, ...parts: readonly Buffer[]): Buffer => element(0xa0 | number, ...parts)

/** An unsigned integer, from its bytes. */
export const integer = (bytes: Buffer): Buffer => element(0x02, (bytes[0] ?? 0) >= 128 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)

/** `unused`: how many bits at the end of the last byte do not count. */
export const bits = (data: Buffer, unused = 0): Buffer => element(0x03, Buffer.from([unused]), data)

const base128 = (value: number): number[] => {
  const bytes = [value & 127]
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift((rest & 127) | 128)
  return bytes
}

/** An object identifier, from `2.5.4.3`. */
export const identifier = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

/** Seconds are the finest. Certificates write years before 2050 with two digits. */
export const time = (at: Date): Buffer => {
  const digits = at.toISOString().replace(/\D/g, '').slice(0, 14)
  return at.getUTCFullYear() < 2050 ? element(0x17, Buffer.from(`${digits.slice(2)}Z`)) : element(0x18, Buffer.from(`${digits}Z`))
}
