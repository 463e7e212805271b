import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENGINES, type StartedEngine } from './engine-under-test.ts'
import { type House, openHouse } from './house.ts'
import { type SdkFolder, type SdkLine, type SdkOutcome, sdkSentences } from './sdk-lines.ts'
import { runChecks } from './sdk-run.ts'
import { entryOf, readResults, readTable, renderTable, updateTable } from './sdk-table.ts'
import { SETUP_MS, sdkPython } from './sdk-venv.ts'

/** Two processes at once: most of a check is waiting. */
const PROCESSES = [
  ['mission', 'life'],
  ['files', 'functions', 'others', 'projects', 'runs', 'secrets_', 'tasks'],
] as const

const PROFILES = join(import.meta.dirname, '..', 'python-sdk', 'profiles.yaml')

/** All that is known of a check that failed. */
export const failureOf = (outcome: SdkOutcome): string =>
  [outcome.detail, outcome.trace, ...(outcome.exchanges ?? []).map((exchange) => JSON.stringify(exchange).slice(0, 1500))].filter(Boolean).join('\n')

/** The committed table says what a run gave; it is written anew where that is asked for. */
export function expectSame(folder: SdkFolder, line: SdkLine, outcomes: ReadonlyMap<string, SdkOutcome>, update = true): void {
  const entries = sdkSentences(folder)
    .flatMap((sentence) => outcomes.get(sentence) ?? [])
    .map(entryOf)
  if (process.env['DAVIT_UPDATE_SDK_TABLE'] && update) updateTable(folder, line, entries)
  expect(readResults()[folder][line], 'run `DAVIT_UPDATE_SDK_TABLE=1 npm test python-sdk`').toEqual(entries)
  expect(readTable()).toBe(renderTable(readResults()))
}

/** Every check of the Python SDK in one of its lines, on an engine: one server for all, one test for each. */
export function describeSdkLine(line: SdkLine, on: keyof typeof ENGINES): void {
  const engine = ENGINES[on]
  describe(`SDK ${line} on ${on}`, () => {
    const outcomes = new Map<string, SdkOutcome>()
    let started: StartedEngine | undefined
    let house: House | undefined

    beforeAll(async () => {
      const python = await sdkPython(line)
      started = await engine.start()
      house = await openHouse({ ...started.house, flags: [...(started.house.flags ?? []), '--profiles', PROFILES] })
      const run = { line, python, endpoint: house.url, image: started.image, env: { TEST_ENGINE: engine.name } }
      const all = await Promise.all(PROCESSES.map((modules) => runChecks({ ...run, modules })))
      for (const outcome of all.flat()) outcomes.set(outcome.sentence, outcome)
    }, SETUP_MS)
    afterAll(async () => {
      if ([...outcomes.values()].some(({ result }) => result === 'failed')) process.stderr.write(house?.logs() ?? '')
      await house?.close()
      await started?.close()
    })

    test.each(sdkSentences())('%s', (sentence) => {
      const outcome = outcomes.get(sentence)
      expect(outcome, 'the check did not run').toBeDefined()
      expect(outcome?.result, outcome && failureOf(outcome)).not.toBe('failed')
    })

    test('the table in docs/sdk-lines.md says what this run says', () => expectSame('checks', line, outcomes, on === 'docker'))
  })
}
