import { expect, test } from 'vitest'
import { choosePool, parseRoutes, routesInto } from './address-pool.ts'
import { containerdConfig } from './containerd.ts'
import { parseUris } from './debian-packages.ts'
import { dockerdArgs } from './dockerd.ts'
import { parseMounts } from './leftovers.ts'
import { enginePaths } from './paths.ts'

const ROUTES = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
br-0123456789ab\t0002D50A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`

test('routes are read, without the default one', () => {
  expect(parseRoutes(ROUTES)).toEqual([
    { link: 'eth0', address: 0x0a00_0000, mask: 0xffff_ff00 },
    { link: 'br-0123456789ab', address: 0x0ad5_0200, mask: 0xffff_ff00 },
  ])
  expect(routesInto('10.213', parseRoutes(ROUTES)).map(({ link }) => link)).toEqual(['br-0123456789ab'])
  expect(routesInto('10.214', parseRoutes(ROUTES))).toEqual([])
})

test('a pool is free of routes and of other engines, and the same folder gets the same', () => {
  const pool = choosePool({ seed: '/a', routes: [], taken: [] })
  expect(pool).toMatch(/^10\.2[0-4]\d$/)
  expect(choosePool({ seed: '/a', routes: [], taken: [] })).toBe(pool)
  expect(choosePool({ seed: '/a', routes: [], taken: [pool ?? ''] })).not.toBe(pool)
})

test('a route wider than a pool takes it, too; with all taken there is none', () => {
  const wide = { link: 'vpn', address: 0x0a00_0000, mask: 0xff00_0000 }
  expect(choosePool({ seed: '/a', routes: [wide], taken: [] })).toBeUndefined()
})

test('everything is in the folder; one too long for sockets keeps only its data there', () => {
  expect(enginePaths('/d/engine').socket).toBe('/d/engine/docker.sock')
  const long = enginePaths(`/${'d'.repeat(80)}`)
  expect(long.socket).toMatch(/^\/run\/davit-[0-9a-f]{12}\/docker\.sock$/)
  expect(long.data).toBe(`/${'d'.repeat(80)}/data`)
  expect(enginePaths(`/${'d'.repeat(66)}`).run).toMatch(/davit-/)
  expect(enginePaths(`/${'d'.repeat(65)}`).run).toBe(`/${'d'.repeat(65)}`)
})

test('dockerd leaves the firewall and forwarding of the machine alone', () => {
  const args = dockerdArgs({ paths: enginePaths('/e'), pool: '10.213', containerd: undefined })
  expect(args).toEqual(expect.arrayContaining(['--iptables=false', '--ip6tables=false', '--ip-forward=false', '--bridge=none', '--live-restore']))
  expect(args).toContain('--default-address-pool=base=10.213.0.0/16,size=24')
  expect(args.some((argument) => argument.startsWith('--containerd'))).toBe(false)
  expect(dockerdArgs({ paths: enginePaths('/e'), pool: '10.213', containerd: '/c.sock' })).toContain('--containerd=/c.sock')
})

test('our own containerd serves one folder only', () => {
  expect(containerdConfig(enginePaths('/e'))).toContain('address = "/e/exec/containerd/containerd.sock"')
  expect(containerdConfig(enginePaths('/e'))).toContain('root = "/e/data/containerd/daemon"')
})

test('packages, versions and sizes are read from apt, epochs too', () => {
  const text = `Reading lists...
'http://deb/pool/r/runc_1.1.5%2bds1-1_amd64.deb' runc_1.1.5+ds1-1+deb12u1_amd64.deb 2709960 MD5Sum:aa
'http://deb/pool/d/docker.io.deb' docker.io_20.10.24+dfsg1-1_amd64.deb 36256664 SHA256:bb
'http://deb/pool/l/libx.deb' libx1_1%3a2.0-1_all.deb 10 SHA256:cc
`
  expect(parseUris(text)).toEqual([
    { name: 'runc', version: '1.1.5+ds1-1+deb12u1', bytes: 2_709_960 },
    { name: 'docker.io', version: '20.10.24+dfsg1-1', bytes: 36_256_664 },
    { name: 'libx1', version: '1:2.0-1', bytes: 10 },
  ])
})

test('mount points with blanks are read', () => {
  expect(parseMounts('proc /proc proc rw 0 0\n/dev/vda /my\\040data/x ext4 rw 0 0\n')).toEqual(['/proc', '/my data/x'])
})
