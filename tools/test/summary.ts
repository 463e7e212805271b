import { relative } from 'node:path'
import { root } from '../command.ts'
import type { Failure, TierResult } from './report.ts'

export interface TierOutcome extends TierResult {
  readonly tier: string
  readonly seconds: number
  /** Why the machine cannot run it. */
  readonly skippedBecause?: string
}

const MAX_MESSAGE_LINES = 12

const rowOf = ({ tier, passed, failures, skipped, seconds, skippedBecause }: TierOutcome): string => {
  const counts = [
    tier.padEnd(14),
    String(passed).padStart(7),
    String(failures.length).padStart(7),
    String(skipped).padStart(8),
    `${seconds.toFixed(1)} s`.padStart(9),
  ]
  return [...counts, skippedBecause ? `  skipped: ${skippedBecause}` : ''].join('').trimEnd()
}

const textOf = (tier: string, { file, test, message }: Failure): string => {
  const where = file ? `${relative(root, file)} › ` : ''
  const lines = message.split('\n').filter((line) => line.trim() && !line.includes('node_modules'))
  return [`✗ ${tier} › ${where}${test}`, ...lines.slice(0, MAX_MESSAGE_LINES).map((line) => `    ${line}`)].join('\n')
}

const total = (outcomes: readonly TierOutcome[], of: (outcome: TierOutcome) => number): number => outcomes.reduce((sum, outcome) => sum + of(outcome), 0)

/** Failures with their messages, and a table of the tiers. */
export const details = (outcomes: readonly TierOutcome[]): string => {
  const failures = outcomes.flatMap(({ tier, failures: of }) => of.map((failure) => textOf(tier, failure)))
  const head = [`${'tier'.padEnd(14)} passed failed skipped     time`, ...outcomes.map(rowOf)]
  return [...failures, ...(failures.length > 0 ? [''] : []), ...head].join('\n')
}

/** The last line, from the real counts: `12 passed, 0 failed`. */
export const lastLine = (outcomes: readonly TierOutcome[]): string => {
  const skipped = total(outcomes, (outcome) => outcome.skipped)
  const counts = `${total(outcomes, (outcome) => outcome.passed)} passed, ${total(outcomes, (outcome) => outcome.failures.length)} failed`
  return skipped > 0 ? `${counts}, ${skipped} skipped` : counts
}
