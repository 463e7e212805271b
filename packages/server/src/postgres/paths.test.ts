import { mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeSocketFolder, postgresPaths } from './paths.ts'

test('everything lies inside the folder', () => {
  const paths = { dir: '/d/pg', data: '/d/pg/data', socket: '/d/pg/run', log: '/d/pg/postgres.log' }
  expect(postgresPaths('/d/pg', '/tmp', 'linux')).toEqual(paths)
})

test('a path too long for a socket, or with letters that the setting would split, moves the socket alone', () => {
  const long = `/${'d'.repeat(120)}`
  expect(postgresPaths(long, '/var/tmp', 'linux').socket).toMatch(/^\/var\/tmp\/davit-pg-[0-9a-f]{12}$/)
  expect(postgresPaths('/my data, mine', '/var/tmp', 'linux').socket).toMatch(/^\/var\/tmp\/davit-pg-/)
  expect(postgresPaths(long, '/var/tmp', 'linux').data).toBe(`${long}/data`)
  expect(postgresPaths(long, `${long}/tmp`, 'linux').socket).toMatch(/^\/tmp\/davit-pg-/)
  expect(postgresPaths(`${long}1`, '/t', 'linux').socket).not.toBe(postgresPaths(`${long}2`, '/t', 'linux').socket)
})

test('the limit is counted to the byte, and is lower elsewhere', () => {
  const at = (bytes: number) => `/${'x'.repeat(bytes - '//run/.s.PGSQL.5432'.length)}`
  expect(postgresPaths(at(107), '/t', 'linux').socket).toBe(`${at(107)}/run`)
  expect(postgresPaths(at(108), '/t', 'linux').socket).toMatch(/^\/t\//)
  expect(postgresPaths(at(104), '/t', 'darwin').socket).toMatch(/^\/t\//)
})

test('the socket folder is private, also when it was there before', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'davit-socket-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await mkdir(join(dir, 'run'), { mode: 0o755 })
  await makeSocketFolder(join(dir, 'run'), undefined)
  expect((await stat(join(dir, 'run'))).mode & 0o777).toBe(0o700)
})

test('a link that somebody put in its place is refused', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'davit-socket-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await symlink('/etc', join(dir, 'run'))
  await expect(makeSocketFolder(join(dir, 'run'), undefined)).rejects.toMatchObject({ code: 'unavailable' })
})
