import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeAuthority, makeCertificate } from './certificate.ts'

const authority = makeAuthority('an authority')
const parsed = (pem: string) => new X509Certificate(pem)

test('a client certificate names its user and all groups, and is signed by the authority', () => {
  const { certificate } = makeCertificate(authority, { subject: { name: 'ann', groups: ['dev', 'ops'] }, use: 'client' })
  const found = parsed(certificate)
  expect(found.subject.split('\n').sort()).toEqual(['CN=ann', 'O=dev', 'O=ops'])
  expect(found.verify(parsed(authority.certificate).publicKey)).toBe(true)
  expect(found.checkIssued(parsed(authority.certificate))).toBe(true)
  expect(found.ca).toBe(false)
  expect(parsed(authority.certificate).ca).toBe(true)
})

test('a server certificate is right for its names and addresses, and for no other', () => {
  const { certificate, key } = makeCertificate(authority, { subject: { name: 'server' }, use: 'server', hosts: ['10.1.2.3', 'kubernetes.default'] })
  const found = parsed(certificate)
  expect(found.checkIP('10.1.2.3')).toBe('10.1.2.3')
  expect(found.checkHost('kubernetes.default')).toBe('kubernetes.default')
  expect(found.checkIP('10.1.2.4')).toBeUndefined()
  expect(found.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(key).toContain('PRIVATE KEY')
})

test('a certificate ends when it is told to', () => {
  const before = Date.now()
  const { certificate } = makeCertificate(authority, { subject: { name: 'brief' }, use: 'client', validSeconds: 20 })
  const left = Date.parse(parsed(certificate).validTo) - before
  expect(left).toBeGreaterThan(18_000)
  expect(left).toBeLessThan(60_000)
})

test('subjects with letters beyond ASCII and long names stay whole', () => {
  const name = `Ünï ${'x'.repeat(300)}`
  expect(parsed(makeCertificate(authority, { subject: { name }, use: 'client' }).certificate).subject).toContain('x'.repeat(300))
})
