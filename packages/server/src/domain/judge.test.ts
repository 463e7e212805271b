import { describe, expect, test } from 'vitest'
import { isServing, judge, verdictOfEnd } from './judge.ts'
import { ago, container, ended, NOW, port, seen, workload } from './testing/samples.ts'

const serve = workload({ action: 'serve', ports: [{ name: 'port80', port: 80, targetPort: 8080, nodePort: undefined, protocol: 'TCP' }] })
const restarted = (quickRestarts: number, said = {}) =>
  container({
    restarts: quickRestarts,
    quickRestarts,
    ready: false,
    state: 'waiting',
    lastExit: { exitCode: 2, oomKilled: false },
    startedAt: ago(5000),
    ...said,
  })

describe('how a container ended', () => {
  test('0 is no fault', () => {
    expect(verdictOfEnd(ended(0), workload(), ['done'])).toBeUndefined()
  })

  test('anything else is, with its code and its last lines', () => {
    expect(verdictOfEnd(ended(3), workload(), ['a', 'b'])).toMatchObject({
      code: 'exit-nonzero',
      exit_code: 3,
      title: 'The container ended with exit code 3',
      evidence: ['a', 'b'],
    })
  })

  test("the engine's own words come before the log's", () => {
    expect(verdictOfEnd(ended(128, { error: 'no such device' }), workload(), ['x'])?.evidence).toEqual(['no such device', 'x'])
  })

  test('killed for its memory names the limit, whatever the code', () => {
    const limited = workload({ resources: { mem: { limit: 64 * 2 ** 20 } } })
    expect(verdictOfEnd(ended(137, { oomKilled: true }), limited, [])).toMatchObject({ code: 'oom-killed', hint: expect.stringContaining('64Mi') })
    expect(verdictOfEnd(ended(0, { oomKilled: true }), workload(), [])?.code).toBe('oom-killed')
  })

  test('killed without a word about memory: a limit that there is may have been it, and is named', () => {
    const limited = workload({ resources: { mem: { limit: 64 * 2 ** 20 } } })
    expect(verdictOfEnd(ended(137), limited, [])).toMatchObject({
      code: 'exit-nonzero',
      hint: expect.stringMatching(/may have needed more memory than its 64Mi/),
    })
    expect(verdictOfEnd(ended(137), workload(), [])?.hint).toContain('not by a memory limit')
  })

  test('an end without a code is no success', () => {
    expect(verdictOfEnd(ended(0, { exitCode: undefined }), workload(), [])).toMatchObject({ code: 'exit-nonzero', exit_code: 255 })
  })
})

describe('whether what should run for ever does', () => {
  test('what runs and answers has no verdict', () => {
    expect(judge(seen([container()], { ports: [port()] }), serve, NOW)).toEqual({ verdict: undefined, fatal: false })
  })

  test.each([
    [1, undefined, false],
    [2, 'crash-loop', false],
    [4, 'crash-loop', false],
    [5, 'crash-loop', true],
  ] as const)('after %i restarts: %s, hopeless: %s', (restarts, code, fatal) => {
    const judged = judge(seen([restarted(restarts)]), serve, NOW)
    expect([judged.verdict?.code, judged.fatal]).toEqual([code, fatal])
  })

  test('a loop says how it ended and how often it was tried', () => {
    expect(judge(seen([restarted(3)]), serve, NOW).verdict?.evidence).toEqual(['c-0 ended with exit code 2, started again 3 times'])
  })

  test('a loop for want of memory is called that', () => {
    const loop = restarted(3, { lastExit: { exitCode: 137, oomKilled: true } })
    expect(judge(seen([loop]), serve, NOW).verdict).toMatchObject({ code: 'oom-killed', evidence: [expect.stringContaining('killed for its memory')] })
  })

  test('many restarts over days, long ones in between, are not hopeless', () => {
    expect(judge(seen([restarted(1, { restarts: 40 })]), serve, NOW)).toEqual({ verdict: undefined, fatal: false })
  })

  test('a container that keeps ending never ends those that serve: the run says so, and which it is', () => {
    expect(judge(seen([container(), restarted(9, { name: 'c-1' })]), serve, NOW)).toMatchObject({
      verdict: { code: 'partly-available', evidence: ['1 of 2 containers are ready', 'c-1 ended with exit code 2, started again 9 times'] },
      fatal: false,
    })
  })

  test('a container that runs, and is only not ready yet, may stay this time', () => {
    expect(judge(seen([restarted(9, { state: 'running' })]), serve, NOW)).toMatchObject({ verdict: { code: 'crash-loop' }, fatal: false })
  })

  test('what was restarted and runs well again is well', () => {
    expect(judge(seen([container({ restarts: 9, quickRestarts: 9 })], { ports: [port()] }), serve, NOW).verdict).toBeUndefined()
  })

  test('of several the one that fails most is told', () => {
    expect(judge(seen([restarted(2), restarted(4, { name: 'c-1' })]), serve, NOW).verdict?.evidence[0]).toMatch(/^c-1 /)
  })

  test('what the engine knows to be beyond repair is told before a loop, what may pass is not', () => {
    const trouble = (code: 'command-not-found' | 'start-failed') => ({ code, evidence: ['e'], since: ago(1000) })
    expect(judge(seen([restarted(3)], { trouble: trouble('command-not-found') }), serve, NOW)).toMatchObject({
      verdict: { code: 'command-not-found' },
      fatal: true,
    })
    expect(judge(seen([restarted(3)], { trouble: trouble('start-failed') }), serve, NOW)).toMatchObject({ verdict: { code: 'crash-loop' }, fatal: false })
  })

  test('what the engine says is told of what it says it of, and waited for as long as its kind deserves', () => {
    const unreachable = (ms: number) =>
      judge(
        seen([container({ state: 'waiting', ready: false })], { trouble: { code: 'image-registry-unreachable', evidence: ['e'], since: ago(ms) } }),
        workload(),
        NOW,
      )
    expect([unreachable(5000).fatal, unreachable(11_000).fatal]).toEqual([false, true])
    const waits = seen([], { trouble: { code: 'unschedulable-cpu', evidence: ['e'], since: ago(1e9) } })
    expect(judge(waits, workload(), NOW)).toMatchObject({ verdict: { code: 'unschedulable-cpu', evidence: ['e'] }, fatal: false })
  })

  test('jobs are never in a crash loop', () => {
    expect(judge(seen([restarted(9)]), workload(), NOW).verdict).toBeUndefined()
  })

  test('a port without a listener is a verdict once there was time to listen, and never hopeless', () => {
    const deaf = (ms: number) => judge(seen([container({ ready: false, startedAt: ago(ms) })], { ports: [port({ listening: false })] }), serve, NOW)
    expect(deaf(5000).verdict).toBeUndefined()
    expect(deaf(60_000)).toMatchObject({ verdict: { code: 'port-not-listening', hint: expect.stringContaining('0.0.0.0:8080') }, fatal: false })
  })

  test('serving means: somebody is ready and no port is known to be deaf', () => {
    expect(isServing(seen([container()], { ports: [port()] }))).toBe(true)
    expect(isServing(seen([container()], { ports: [port({ listening: undefined })] }))).toBe(true)
    expect(isServing(seen([container()], { ports: [port(), port({ listening: false })] }))).toBe(false)
    expect(isServing(seen([container({ ready: false })], { ports: [port()] }))).toBe(false)
  })
})
