import { expect, test } from 'vitest'
import { placeOf } from './place.ts'

test('an IPv4 address is a place of its own, also where a socket of both kinds writes it as IPv6', () => {
  expect(placeOf('192.0.2.7')).toBe('192.0.2.7')
  expect(placeOf('::ffff:192.0.2.7')).toBe('192.0.2.7')
})

test('all addresses of one IPv6 network are one place, those of the next are another', () => {
  expect(placeOf('2001:db8:1:2:aaaa:bbbb:cccc:dddd')).toBe(placeOf('2001:db8:1:2::1'))
  expect(placeOf('2001:db8:1:2::1')).not.toBe(placeOf('2001:db8:1:3::1'))
  expect(placeOf('fe80::1%eth0')).toBe('fe80::')
})

test('what is no address is itself', () => {
  expect(placeOf('')).toBe('')
  expect(placeOf('somewhere')).toBe('somewhere')
})
