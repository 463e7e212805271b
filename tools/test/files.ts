import { globSync } from 'node:fs'
import { root } from '../command.ts'

const SKIPPED = new Set(['node_modules', 'dist', '.git', '.davit', 'coverage'])

/** Files of the repository that match a glob, as sorted paths from its root with `/`; never what is built, installed or git's. */
export const filesOf = (pattern: string | readonly string[], cwd = root): string[] =>
  globSync(pattern, { cwd, exclude: (name) => SKIPPED.has(name.split('/').at(-1) ?? name) })
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
