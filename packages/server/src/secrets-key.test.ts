import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keySource } from './secrets-key.ts'

const [ONE, TWO] = ['a'.repeat(64), 'b'.repeat(64)]
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davit-keys-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
const source = (given: { key?: string; command?: string; file?: string }) =>
  keySource({ key: undefined, command: undefined, file: join(folder, 'none'), ...given })

test('a key file is made once, for its owner only, and gets new keys in front', async () => {
  const file = join(folder, 'made')
  const [first] = await source({ file }).read()
  expect(await source({ file }).read()).toEqual([first])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await source({ file }).add?.()
  const [next, old, ...more] = await source({ file }).read()
  expect([old, more]).toEqual([first, []])
  expect(next).not.toEqual(first)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('keys come from a variable, from a command, or from a file with comments', async () => {
  const keys = [Buffer.from(ONE, 'hex'), Buffer.from(TWO, 'hex')]
  expect(await source({ key: `${ONE},${TWO}` }).read()).toEqual(keys)
  expect(await source({ command: `printf '%s\\n%s\\n' ${ONE} ${TWO}` }).read()).toEqual(keys)
  const file = join(folder, 'commented')
  await writeFile(file, `${ONE} # since May\n${TWO}\n`)
  expect(await source({ file }).read()).toEqual(keys)
  expect(source({ key: ONE }).add).toBeUndefined()
})

test('what is no key is refused without being repeated', async () => {
  await expect(source({ key: 'hunter2' }).read()).rejects.toMatchObject({ code: 'invalid', message: expect.not.stringContaining('hunter2') as string })
  await expect(source({ command: 'echo hunter2; echo hunter3 >&2; exit 3' }).read()).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.not.stringMatching(/hunter/) as string,
  })
  const file = join(folder, 'damaged')
  await writeFile(file, 'not a key')
  await expect(source({ file }).read()).rejects.toMatchObject({ code: 'invalid', hint: expect.stringContaining('backup') as string })
  expect(await readFile(file, 'utf8')).toBe('not a key')
})
