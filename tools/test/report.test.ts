import { expect, test } from 'vitest'
import { broken, readReport } from './report.ts'
import { details, lastLine, type TierOutcome } from './summary.ts'

const fileWith = (statuses: readonly string[], status = 'passed', message = '') => ({
  name: 'a.test.ts',
  status,
  message,
  assertionResults: statuses.map((of, index) => ({ fullName: `test ${index}`, status: of, failureMessages: of === 'failed' ? ['expected 1 to be 2'] : [] })),
})
const read = (testResults: readonly unknown[], exitCode = 0, filtered = false) => readReport({ testResults }, exitCode, { filtered })

test('passed, failed and skipped tests are counted', () => {
  const { passed, skipped, failures } = read([fileWith(['passed', 'passed', 'failed', 'pending', 'todo'], 'failed')], 1)
  expect({ passed, skipped, failures }).toEqual({ passed: 2, skipped: 2, failures: [{ file: 'a.test.ts', test: 'test 2', message: 'expected 1 to be 2' }] })
})

test('a file that does not load is a failure', () => {
  expect(read([fileWith([], 'failed', 'cannot find module'), fileWith(['passed'])], 1).failures).toEqual([
    { file: 'a.test.ts', test: '(the file itself)', message: 'cannot find module' },
  ])
})

test('vitest that ends badly although all tests passed is a failure', () => {
  expect(read([fileWith(['passed'])], 1).failures).toHaveLength(1)
})

test('no report, and no test, are failures', () => {
  expect(readReport(undefined, 134, { filtered: false }).failures[0]?.message).toBe('vitest ended with 134 and left no report')
  expect(read([]).failures[0]?.message).toBe('no test was found')
})

test('what a name filter leaves out is neither skipped nor missing', () => {
  expect(read([fileWith(['passed', 'pending'])], 0, true)).toEqual({ passed: 1, skipped: 0, failures: [] })
  expect(read([fileWith(['pending'])], 1, true)).toEqual({ passed: 0, skipped: 0, failures: [] })
})

const outcome = (more: Partial<TierOutcome>): TierOutcome => ({ tier: 'unit', seconds: 1, passed: 0, skipped: 0, failures: [], ...more })

test('the last line is the sum of all tiers, and names skips only where there are some', () => {
  expect(lastLine([outcome({ passed: 3 }), outcome({ passed: 4, failures: broken('x').failures })])).toBe('7 passed, 1 failed')
  expect(lastLine([outcome({ passed: 3 }), outcome({ skipped: 1 })])).toBe('3 passed, 0 failed, 1 skipped')
})

test('the table says why a tier was skipped, and every failure with its message', () => {
  const text = details([
    outcome({ passed: 3 }),
    outcome({ tier: 'store', skipped: 1, skippedBecause: 'no PostgreSQL' }),
    outcome({ tier: 'cli', ...broken('it broke') }),
  ])
  expect(text).toContain('✗ cli › (the tier itself)\n    it broke')
  expect(text).toMatch(/store +0 +0 +1 +1\.0 s {2}skipped: no PostgreSQL/)
})
