import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fuzzSeed } from '../support/seed.ts'
import { type Operation, operations } from './operations.ts'
import { planOf } from './plan.ts'
import { openTarget, type Target } from './target.ts'

const seed = fuzzSeed()
/** `DAVIT_FUZZ_REQUESTS` makes it longer. */
const REQUESTS = Number(process.env['DAVIT_FUZZ_REQUESTS'] ?? 10_000)
/** Of them so many are asked of a server that asks nobody who they are; the others of one that does, by many. */
const PASSES = { open: 0.6, auth: 0.4 } as const
const AT_ONCE = 4
/** A failure is made smaller for so long at most. */
const LIMIT_MS = 120_000
/** A batch holds one to four requests, two at the least on average. */
const batchesOf = (requests: number): number => Math.ceil(requests / operations.length / 2)

describe.each(['open', 'auth'] as const)('a server, %s', (pass) => {
  const requests = REQUESTS * PASSES[pass]
  let target: Target
  beforeAll(async () => {
    process.stderr.write(`fuzz, ${pass}: DAVIT_FUZZ_SEED=${seed}, ${operations.length} operations, ${requests} requests\n`)
    target = await openTarget({ auth: pass === 'auth' })
  })
  afterAll(async () => {
    await target.close()
  })

  const hold = (operation: Operation) =>
    fc.assert(
      fc.asyncProperty(fc.array(planOf(operation), { minLength: 1, maxLength: AT_ONCE, size: 'max' }), async (plans) => {
        const problems = await target.askAll(operation, plans)
        if (problems.length > 0) throw new Error(problems.join('\n\n'))
        if (!target.alive()) throw new Error(`the server is gone:\n${target.log().slice(-2000)}`)
      }),
      { seed, numRuns: batchesOf(requests), interruptAfterTimeLimit: LIMIT_MS, markInterruptAsFailure: true },
    )

  test.each(operations)('$id answers whatever it is asked as the document says, and does no more than who asks may', hold, LIMIT_MS * 2)

  test('that were as many requests as promised, and the server still stands', async () => {
    process.stderr.write(`fuzz, ${pass}: ${target.sent()} requests, by status ${JSON.stringify(target.counts())}\n`)
    expect(target.sent()).toBeGreaterThanOrEqual(requests)
    expect((await fetch(`${target.url}/readyz`)).status).toBe(200)
    expect(target.log()).not.toContain('nobody looked')
    // Some of them got through: what answers everything with a 400 is not tested.
    expect(target.counts()[200] ?? 0).toBeGreaterThan(requests / 10)
  })

  test('the server gives out the document that was fuzzed', async () => {
    const served = (await (await fetch(`${target.url}/openapi.json`)).json()) as { paths: Record<string, object> }
    const ids = Object.entries(served.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
    expect(ids.sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort())
  })
})
