import type { Problem } from './problem.ts'

const ADDRESS = /"resolved":\s*"(?:https?|git\+?\w*):/

/** The lockfile names packages and their digests, never from where one machine downloaded them. */
export const checkLockfile = (text: string, file = 'package-lock.json'): Problem[] =>
  text.split('\n').flatMap((line, index) => (ADDRESS.test(line) ? [{ file, line: index + 1, message: `holds a download address: ${line.trim()}` }] : []))
