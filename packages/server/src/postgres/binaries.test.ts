import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { silentLog } from '#supervise/log.ts'
import { findBinaries, parseVersion } from './binaries.ts'
import { postmasterArgs } from './postmaster.ts'

let cacheDir = ''
beforeEach(async () => {
  const made = await mkdtemp(join(tmpdir(), 'davit-bin-'))
  cacheDir = made
  return () => rm(made, { recursive: true, force: true })
})

const find = (choice: string, major?: number) => findBinaries({ choice, major, account: undefined, cacheDir, log: silentLog })

test.each([
  ['postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', '15.18'],
  ['postgres (PostgreSQL) 18.4', '18.4'],
  ['postgres (PostgreSQL) 19beta1', '19beta1'],
  ['something else', undefined],
])('%s is version %s', (text, version) => {
  expect(parseVersion(text)).toBe(version)
})

test('a folder without programs says what is missing and what to do', async () => {
  const error = expect.objectContaining({
    code: 'unavailable',
    message: expect.stringContaining('/no/such/postgres is not there'),
    hint: expect.stringContaining('apt-get install postgresql'),
  })
  await expect(find('/no/such')).rejects.toEqual(error)
})

test('the bundled ones run out of the cache, unpacked once by all who ask at once', async () => {
  const found = await Promise.all([find('bundled'), find('bundled')])
  expect(found[0]).toEqual(found[1])
  expect(found[0]?.major).toBeGreaterThanOrEqual(18)
  expect(await readdir(cacheDir)).toHaveLength(1)
})

test('data of another major version names it, what is here, and what to do', async () => {
  const { version } = await find('bundled')
  const error = expect.objectContaining({
    code: 'unavailable',
    message: expect.stringMatching(new RegExp(`made by PostgreSQL 13, and no PostgreSQL 13 is here \\(found: ${version} in `)),
    hint: expect.stringContaining('Install PostgreSQL 13'),
  })
  await expect(find('bundled', 13)).rejects.toEqual(error)
})

test('no TCP, and nothing that gives up durability', () => {
  const args = postmasterArgs({ dir: '/d', data: '/d/data', socket: '/d/run', log: '/d/log' })
  expect(args).toContain('listen_addresses=')
  expect(args).toContain('unix_socket_directories=/d/run')
  expect(args.join(' ')).not.toMatch(/fsync|synchronous_commit|full_page_writes/)
})
