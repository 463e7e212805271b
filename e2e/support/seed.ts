import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'

const BOUND = 2 ** 31

/** Undefined: this is no checkout. */
const ofCommit = (): number | undefined => {
  try {
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return Number.parseInt(commit.slice(0, 8), 16) % BOUND
  } catch {
    return undefined
  }
}

/**
 * Where those begin that ask at random. `DAVIT_FUZZ_SEED` repeats a run that failed. In CI each commit has its own: what failed once fails again, and
 * the next commit is asked other things. Elsewhere each run has its own.
 */
export const fuzzSeed = (): number => {
  const given = process.env['DAVIT_FUZZ_SEED']
  if (given !== undefined) return Number(given)
  return (process.env['CI'] === undefined ? undefined : ofCommit()) ?? randomInt(BOUND)
}
