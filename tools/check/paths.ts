import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root, runCommand } from '../command.ts'
import type { Problem } from './problem.ts'

/** Folders that exist on somebody's machine only. In pieces, so that this file does not find itself. */
const MACHINE = new RegExp(`(?<![\\w.~$}/-])/(?:${['work', 'root', 'Users/\\w+', 'home/\\w+'].join('|')})/\\w`)

/** Machine paths in one file's text. A file with a NUL byte is a binary, which has no place in the repository. */
export const checkPaths = (file: string, text: string): Problem[] => {
  if (text.includes('\0')) return [{ file, line: 1, message: 'is a binary file' }]
  return text.split('\n').flatMap((line, index) => {
    const found = MACHINE.exec(line)?.[0]
    return found === undefined ? [] : [{ file, line: index + 1, message: `names a path of one machine: ${found}…` }]
  })
}

/** What git tracks, or would with `git add .`; undefined outside a git checkout. */
export const repositoryFiles = async (): Promise<string[] | undefined> => {
  const { code, output } = await runCommand('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']).catch(() => ({ code: 1, output: '' }))
  if (code !== 0) return undefined
  return output.split('\0').filter((file) => file && statSync(join(root, file), { throwIfNoEntry: false })?.isFile())
}

export const readRepositoryFile = (file: string): string => readFileSync(join(root, file), 'utf8')
