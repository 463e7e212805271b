import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readQuery, writeReply } from './dns-message.ts'
import { query, readReply } from './dns-fixture.ts'

const read = (packet: Buffer) => {
  const found = readQuery(packet)
  if (!found) throw new Error('not a query')
  return found
}

test('a question is read, in small letters', () => {
  const { id, opcode, question } = read(query('Web.Team.svc.cluster.local', { id: 4711 }))
  expect({ id, opcode }).toEqual({ id: 4711, opcode: 0 })
  expect(question).toMatchObject({ labels: ['web', 'team', 'svc', 'cluster', 'local'], forAddresses: true })
  expect(read(query('web', { type: 28 })).question?.forAddresses).toBe(false)
})

test('a reply repeats the id and the question and holds the addresses', () => {
  const reply = readReply(writeReply(read(query('Web.x', { id: 7 })), { code: 'answered', addresses: ['10.0.0.1', '10.0.255.2'] }, 512))
  expect(reply).toEqual({ id: 7, code: 0, cut: false, name: 'Web.x', addresses: ['10.0.0.1', '10.0.255.2'] })
  expect(readReply(writeReply(read(query('web')), { code: 'no such name' }, 512))).toMatchObject({ code: 3, addresses: [] })
})

test('a reply has as many addresses as fit, and says when that is not all', () => {
  const addresses = Array.from({ length: 60 }, (_, index) => `10.0.0.${index}`)
  const asked = read(query('many.team.svc.cluster.local'))
  const packet = writeReply(asked, { code: 'answered', addresses }, 512)
  expect(packet.length).toBeLessThanOrEqual(512)
  expect(readReply(packet)).toMatchObject({ cut: true, addresses: addresses.slice(0, 29) })
  expect(readReply(writeReply(asked, { code: 'answered', addresses }, 65_535))).toMatchObject({ cut: false, addresses })
})

test('what is no query gets no answer, and one that cannot be read has no question', () => {
  const whole = query('web.team')
  expect(readQuery(Buffer.alloc(11))).toBeUndefined()
  expect(readQuery(writeReply(read(whole), { code: 'answered' }, 512))).toBeUndefined()
  for (let length = 12; length < whole.length; length += 1) expect(read(whole.subarray(0, length)).question).toBeUndefined()
  const pointsToItself = Buffer.concat([whole.subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])])
  expect(read(pointsToItself).question).toBeUndefined()
  expect(read(query(Array(200).fill('x').join('.'))).question).toBeUndefined()
})

test('no packet makes it fail, and every reply keeps to its limit', () => {
  const packets = fc.oneof(fc.uint8Array({ maxLength: 600 }), fc.uint8Array({ maxLength: 300 }).map((tail) => [...query('a').subarray(0, 12), ...tail]))
  fc.assert(
    fc.property(packets, (bytes) => {
      const found = readQuery(Buffer.from(bytes))
      if (found) expect(writeReply(found, { code: 'answered', addresses: ['10.0.0.1'] }, 512).length).toBeLessThanOrEqual(512)
    }),
    { numRuns: 2_000 },
  )
})
