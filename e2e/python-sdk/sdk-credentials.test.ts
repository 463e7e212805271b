import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sdkLines, sdkSentences, type SdkOutcome } from '../support/sdk-lines.ts'
import { openLogins, type Logins } from '../support/sdk-logins.ts'
import { runChecks } from '../support/sdk-run.ts'
import { expectSame, failureOf } from '../support/sdk-story.ts'
import { IMAGE } from '../support/test-engine.ts'
import { SETUP_MS, sdkPython } from '../support/sdk-venv.ts'

let logins: Logins
let failed = false
beforeAll(async () => {
  logins = await openLogins()
})
afterAll(async () => {
  if (failed) process.stderr.write(logins.house.logs())
  await logins?.close()
})

/** Every kind of credentials in every line; a process for each, since the SDK reads them once. */
describe.each(sdkLines)('SDK %s against a server that wants to know who calls', (line) => {
  const outcomes = new Map<string, SdkOutcome>()
  beforeAll(async () => {
    const python = await sdkPython(line)
    for await (const { module, env } of logins.environmentsOf(line)) {
      const server = { endpoint: logins.house.url, image: IMAGE, env }
      const told = await runChecks({ ...server, line, python, folder: 'logins', modules: [module] })
      for (const outcome of told) outcomes.set(outcome.sentence, outcome)
    }
  }, SETUP_MS)

  test.each(sdkSentences('logins'))('%s', (sentence) => {
    const outcome = outcomes.get(sentence)
    failed ||= outcome === undefined || outcome.result === 'failed'
    expect(outcome, 'the check did not run').toBeDefined()
    expect(outcome?.result, outcome && failureOf(outcome)).not.toBe('failed')
  })

  test('the table in docs/sdk-lines.md says what this run says', () => expectSame('logins', line, outcomes))
})
