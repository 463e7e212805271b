import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { commandCases } from './conformance/commands.ts'
import { endCases } from './conformance/ends.ts'
import { lifeCases } from './conformance/lives.ts'
import { realLogCases } from './conformance/real-logs.ts'
import { realMachineCases } from './conformance/real-machine.ts'
import { restartCases } from './conformance/restarts.ts'
import { type EngineFixture, type Subject, subject } from './conformance/subject.ts'
import { watchingCases } from './conformance/watching.ts'

export type { EngineFixture } from './conformance/subject.ts'

export interface ConformanceOptions {
  /** The engine only pretends: it has no machine, so nothing about networks, limits, volumes and raw bytes is asked of it. */
  readonly pretended?: boolean
  /** In ms, for making the fixture. */
  readonly startTimeout?: number
}

/** What every engine must do, asked of one. */
export function describeEngine(name: string, make: () => Promise<EngineFixture>, { pretended = false, startTimeout = 240_000 }: ConformanceOptions = {}): void {
  describe(`engine ${name}`, { timeout: 120_000 }, () => {
    let current: Subject | undefined
    const on = (): Subject => {
      if (!current) throw new Error('the engine is not there yet')
      return current
    }
    beforeAll(async () => {
      current = subject(await make())
    }, startTimeout)
    afterEach(() => current?.clean())
    afterAll(() => current?.close(), 60_000)
    endCases(on)
    commandCases(on)
    lifeCases(on)
    watchingCases(on)
    if (pretended) return
    realLogCases(on)
    realMachineCases(on)
    restartCases(on)
  })
}
