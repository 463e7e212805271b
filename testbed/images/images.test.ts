import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dockerArchive, tarOf } from './archive.ts'
import { isStatic, staticBusybox } from './busybox.ts'
import { buildTestImage, testImageName } from './images.ts'

test('a test image is the same, byte for byte, whenever it is made', async () => {
  const [first, second] = [await buildTestImage(), await buildTestImage()]
  expect(first.name).toBe(testImageName())
  expect(first.id).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect(first.tar.equals(second.tar)).toBe(true)
})

test('images that differ only in settings have different ids', async () => {
  const layer = await tarOf([{ name: 'hello', body: 'world' }])
  const ids = await Promise.all([{ Cmd: ['a'] }, { Cmd: ['b'] }].map(async (settings) => (await dockerArchive('localhost/x:1', layer, settings)).id))
  expect(new Set(ids).size).toBe(2)
})

test('a busybox that was fetched once is static and is not fetched again', async () => {
  expect(await isStatic(await staticBusybox())).toBe(true)
  const said: string[] = []
  await staticBusybox({ say: (line) => said.push(line) })
  expect(said).toEqual([])
})

test('what is no static program is told apart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'davit-static-'))
  try {
    expect(await isStatic(process.execPath)).toBe(false)
    expect(await isStatic(join(folder, 'nothing'))).toBe(false)
    expect(await isStatic(import.meta.filename)).toBe(false)
  } finally {
    await rm(folder, { recursive: true })
  }
})
