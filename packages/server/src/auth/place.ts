import { isIPv6 } from 'node:net'
import { Address6 } from 'ip-address'

/** What one customer of a provider is given: whoever has one IPv6 address has all of these. */
const IPV6_SUBNET = 64

/** Whom an address counts as where requests and failed logins of one place are counted: an IPv4 address, or an IPv6 network. Anything else is itself. */
export function placeOf(address: string): string {
  if (!isIPv6(address)) return address
  const parsed = new Address6(address)
  return parsed.isMapped4() ? parsed.to4().correctForm() : new Address6(`${parsed.addressMinusSuffix}/${IPV6_SUBNET}`).startAddress().correctForm()
}
