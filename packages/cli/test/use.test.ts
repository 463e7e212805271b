import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runDavit } from './run-davit.ts'

let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'davit-use-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const use = (...argv: string[]) => runDavit(argv, { env: { XDG_CONFIG_HOME: home, DAVIT_ENDPOINT: '' }, stdin: 'the-token\n' })
const file = (): string => join(home, 'davit', 'config.json')

test('a server is saved for its owner only, and chosen', async () => {
  expect(await use('use', 'http://127.0.0.1:8080/', '--name', 'lab', '-p', 'vision', '--token-stdin')).toMatchObject({
    code: 0,
    stdout: 'lab: http://127.0.0.1:8080\n',
  })
  expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual({
    current: 'lab',
    contexts: { lab: { endpoint: 'http://127.0.0.1:8080', project: 'vision', token: 'the-token' } },
  })
  expect((await stat(file())).mode & 0o777).toBe(0o600)
})

test('the saved ones are listed, without their tokens, and chosen by name', async () => {
  await use('use', 'http://a:1', '--name', 'a', '--token-stdin')
  await use('use', 'http://b:1')
  expect(await use('use', 'a')).toMatchObject({ code: 0 })
  const { stdout } = await use('use', '--json')
  expect(JSON.parse(stdout)).toMatchObject({
    kind: 'ContextList',
    items: [
      { name: 'a', current: true },
      { name: 'b:1', current: false },
    ],
  })
  expect(stdout).not.toContain('the-token')
})

test('what is neither a URL nor saved is refused, and so is a URL with a password', async () => {
  expect(await use('use', 'nowhere')).toMatchObject({ code: 2 })
  const refused = await use('use', 'http://user:hunter2@host')
  expect(refused).toMatchObject({ code: 2 })
  expect(refused.stderr).not.toContain('hunter2')
})

test('a damaged file is named, not overwritten', async () => {
  await use('use', 'http://a:1')
  await writeFile(file(), '{')
  expect(await use('ps')).toMatchObject({ code: 2, stderr: expect.stringContaining(file()) as string })
  expect(await readFile(file(), 'utf8')).toBe('{')
})
