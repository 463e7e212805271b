import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { closedFolder, makeFolder } from './open-folder.ts'

let dir = ''
beforeEach(async () => {
  const made = await mkdtemp(join(tmpdir(), 'davit-open-'))
  dir = made
  return () => rm(made, { recursive: true, force: true })
})

const stranger = { name: 'stranger', uid: 54_321, gid: 54_321 }

test('new folders are open to pass; those that were there keep their mode', async () => {
  await makeFolder(join(dir, 'a/b'))
  const modes = await Promise.all([dir, join(dir, 'a'), join(dir, 'a/b')].map(async (path) => (await stat(path)).mode & 0o777))
  expect(modes).toEqual([0o700, 0o755, 0o755])
})

test('the first closed folder on the way is named; its owner may pass', async () => {
  await makeFolder(join(dir, 'a/b'))
  expect(await closedFolder(join(dir, 'a/b'), stranger)).toBe(dir)
  const { uid, gid } = await stat(dir)
  expect(await closedFolder(join(dir, 'a/b'), { name: 'owner', uid, gid })).toBeUndefined()
})

test('an open way is open, and the right to list alone is not', async () => {
  await makeFolder(join(dir, 'a'))
  await chmod(dir, 0o711)
  expect(await closedFolder(join(dir, 'a'), stranger)).toBeUndefined()
  await chmod(dir, 0o744)
  expect(await closedFolder(join(dir, 'a'), stranger)).toBe(dir)
})
