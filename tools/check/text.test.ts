import { expect, test } from 'vitest'
import { checkLockfile } from './lockfile.ts'
import { checkPaths } from './paths.ts'
import { problemLine } from './problem.ts'

const at = (...parts: string[]) => `/${parts.join('/')}`

test('a download address in the lockfile is found; a link to a workspace is none', () => {
  const text = '{\n"resolved": "packages/cli",\n"resolved": "https://example.com/a.tgz"\n}'
  expect(checkLockfile(text).map(problemLine)).toEqual(['package-lock.json:3 holds a download address: "resolved": "https://example.com/a.tgz"'])
})

test("a path of somebody's machine is found", () => {
  for (const path of [at('work', 'main'), at('root', 'x'), at('home', 'me', 'x'), at('Users', 'me', 'x')])
    expect(checkPaths('a.md', `\nsee \`${path}\`\n`)).toEqual([{ file: 'a.md', line: 2, message: expect.stringContaining('names a path of one machine') }])
})

test('an address, a relative path and a plain word are no machine paths', () => {
  expect(checkPaths('a.md', `https://example.com${at('work', 'x')} ./home${at('root', 'x')} /work /home $HOME${at('work', 'x')}`)).toEqual([])
})

test('a binary file is found', () => {
  expect(checkPaths('a.png', 'PNG\0')).toEqual([{ file: 'a.png', line: 1, message: 'is a binary file' }])
})
