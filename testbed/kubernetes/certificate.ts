import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { bits, element, identifier, integer, octets, sequence, setOf, tagged, text, time, truth } from './der.ts'

export interface Subject {
  /** Kubernetes reads the user's name here. */
  readonly name: string
  /** Kubernetes reads the user's groups here. */
  readonly groups?: readonly string[]
}

export interface KeyedCertificate {
  /** PEM. */
  readonly certificate: string
  /** PEM, PKCS #8. */
  readonly key: string
}

export interface Authority extends KeyedCertificate {
  readonly subject: Subject
}

export interface CertificateRequest {
  readonly subject: Subject
  readonly use: 'client' | 'server'
  /** Names and addresses of a server. */
  readonly hosts?: readonly string[]
  /** Default: 30 days. */
  readonly validSeconds?: number
}

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectAltName: '2.5.29.17',
} as const
const USE = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const
const MONTH_S = 30 * 24 * 3600
/** Certificates begin in the past, for clocks that tests set back. */
const BEFORE_MS = 3600_000

const nameOf = ({ name, groups = [] }: Subject): Buffer => {
  const part = (oid: string, value: string) => setOf(sequence(identifier(oid), text(value)))
  return sequence(...groups.map((group) => part(OID.organization, group)), part(OID.commonName, name))
}

const extension = (oid: string, value: Buffer, critical = false): Buffer => sequence(identifier(oid), ...(critical ? [truth()] : []), octets(value))

const hostName = (host: string): Buffer => (isIP(host) === 4 ? element(0x87, Buffer.from(host.split('.').map(Number))) : element(0x82, Buffer.from(host)))

const pem = (label: string, data: Buffer): string => `-----BEGIN ${label}-----\n${data.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`

interface Unsigned {
  readonly subject: Subject
  readonly issuer: Subject
  readonly validSeconds: number
  readonly extensions: readonly Buffer[]
  /** Key of the issuer; undefined: the certificate signs itself. */
  readonly issuerKey?: string
}

const issue = ({ subject, issuer, validSeconds, extensions, issuerKey }: Unsigned): KeyedCertificate => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const algorithm = sequence(identifier(OID.ecdsaWithSha256))
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  const content = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    nameOf(issuer),
    sequence(time(new Date(Date.now() - BEFORE_MS)), time(new Date(Date.now() + validSeconds * 1000))),
    nameOf(subject),
    createPublicKey(pair.privateKey).export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions)),
  )
  const signature = sign('sha256', content, issuerKey ?? key)
  return { certificate: pem('CERTIFICATE', sequence(content, algorithm, bits(signature))), key }
}

/** A new authority that signs itself. */
export const makeAuthority = (name: string): Authority => {
  const subject = { name }
  const extensions = [
    extension(OID.basicConstraints, sequence(truth()), true),
    // Certificate sign, CRL sign, digital signature.
    extension(OID.keyUsage, bits(Buffer.from([0x86]), 1), true),
  ]
  return { ...issue({ subject, issuer: subject, validSeconds: MONTH_S, extensions }), subject }
}

/** A new key and a certificate for it. */
export const makeCertificate = (authority: Authority, { subject, use, hosts = [], validSeconds = MONTH_S }: CertificateRequest): KeyedCertificate => {
  const extensions = [
    extension(OID.basicConstraints, sequence(), true),
    extension(OID.keyUsage, bits(Buffer.from([0x80]), 7), true),
    extension(OID.extendedKeyUsage, sequence(identifier(USE[use]))),
    ...(hosts.length > 0 ? [extension(OID.subjectAltName, sequence(...hosts.map(hostName)))] : []),
  ]
  return issue({ subject, issuer: authority.subject, validSeconds, extensions, issuerKey: authority.key })
}
