import * as z from 'zod'

/** The parts of vitest's JSON report that we read. */
const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() })),
    }),
  ),
})

export interface Failure {
  readonly file: string
  readonly test: string
  readonly message: string
}

export interface TierResult {
  readonly passed: number
  readonly skipped: number
  /** One for each failed test; and for each file that did not load, and for a tier that broke otherwise. */
  readonly failures: readonly Failure[]
}

type FileResult = z.infer<typeof Report>['testResults'][number]

const failuresOf = ({ name: file, status, message, assertionResults }: FileResult): Failure[] => {
  const failed = assertionResults.filter((test) => test.status === 'failed')
  const failures = failed.map((test) => ({ file, test: test.fullName, message: (test.failureMessages ?? []).join('\n') }))
  // A file can fail with no failed test: it does not load, or its hooks break.
  return status === 'failed' && failures.length === 0 ? [{ file, test: '(the file itself)', message: message ?? '' }] : failures
}

/** Whole tier broken: counted as one failure, so that the last line never looks better than it was. */
export const broken = (message: string): TierResult => ({ passed: 0, skipped: 0, failures: [{ file: '', test: '(the tier itself)', message }] })

const counted = (files: readonly FileResult[], status: (status: string) => boolean): number =>
  files.flatMap((file) => file.assertionResults).filter((test) => status(test.status)).length

/**
 * vitest's report and exit code → the tier's result. Undefined report: vitest broke before it wrote one. With `filtered` (`-t`)
 * the tests that the filter left out are no skips, and a tier may have none.
 */
export const readReport = (report: unknown, exitCode: number, { filtered }: { readonly filtered: boolean }): TierResult => {
  const parsed = Report.safeParse(report)
  if (!parsed.success) return broken(`vitest ended with ${exitCode} and left no report`)
  const files = parsed.data.testResults
  const passed = counted(files, (status) => status === 'passed')
  const failures = files.flatMap(failuresOf)
  if (failures.length === 0 && exitCode !== 0 && !(filtered && passed === 0))
    failures.push({ file: '', test: '(the tier itself)', message: `vitest ended with ${exitCode} although no test failed: an unhandled error, shown above` })
  const skipped = filtered ? 0 : counted(files, (status) => status !== 'passed' && status !== 'failed')
  if (passed + skipped + failures.length === 0 && !filtered) return broken('no test was found')
  return { passed, skipped, failures }
}
