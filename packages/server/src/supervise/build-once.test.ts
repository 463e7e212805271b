import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { buildOnce } from './build-once.ts'
import { sleep } from './wait-until.ts'

let dir = ''
beforeEach(async () => {
  const made = await mkdtemp(join(tmpdir(), 'davit-build-'))
  dir = made
  return () => rm(made, { recursive: true, force: true })
})

test('several that need it at once build it once, and all find it whole', async () => {
  const target = join(dir, 'cache/tree')
  let builds = 0
  const build = async (folder: string) => {
    builds++
    await writeFile(join(folder, 'first'), '1')
    await sleep(50)
    await writeFile(join(folder, 'last'), '2')
  }
  const read = async () => {
    await buildOnce({ target, build })
    return readFile(join(target, 'last'), 'utf8')
  }
  expect(await Promise.all([read(), read(), read()])).toEqual(['2', '2', '2'])
  expect(builds).toBe(1)
  expect(await readdir(join(dir, 'cache'))).toEqual(['tree'])
})

test('a build that fails leaves nothing, and the next one may succeed', async () => {
  const target = join(dir, 'tree')
  await expect(buildOnce({ target, build: () => Promise.reject(new Error('disk full')) })).rejects.toThrow('disk full')
  expect(await readdir(dir)).toEqual([])
  await buildOnce({ target, build: (folder) => writeFile(join(folder, 'x'), '') })
  expect(await readdir(target)).toEqual(['x'])
})

test('what a killed builder left is removed by the next', async () => {
  await mkdir(join(dir, 'tree.half-1/deep'), { recursive: true })
  await buildOnce({ target: join(dir, 'tree'), build: () => Promise.resolve() })
  expect(await readdir(dir)).toEqual(['tree'])
})
