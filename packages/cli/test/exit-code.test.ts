import { DavitError, type ErrorCode, VERDICT_CODES, type VerdictCode } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { sampleRun } from './sample-run.ts'
import { containerExitCode, exitCodeOfError, exitCodeOfRun, gravest } from '#runner/exit-code.ts'

const failedBy = (code: VerdictCode) => sampleRun({ state: 'ERROR', verdict: { code, title: '', evidence: [], hint: '' } })

describe('exit codes', () => {
  test('what the contract promises: 2 usage, 3 not found, 4 permission, 5 conflict, 6 limit, 124 timeout, 130 interrupted', () => {
    const codes: readonly (readonly [ErrorCode, number])[] = [
      ['invalid', 2],
      ['not_found', 3],
      ['unauthenticated', 4],
      ['forbidden', 4],
      ['duplicate', 5],
      ['conflict', 5],
      ['illegal_transition', 5],
      ['rate_limited', 6],
      ['timeout', 124],
      ['aborted', 130],
      ['unreachable', 1],
      ['internal', 1],
    ]
    for (const [code, exit] of codes) expect(exitCodeOfError(new DavitError(code, ''))).toBe(exit)
    expect(exitCodeOfError(new Error('a bug'))).toBe(1)
  })

  test('a run that completed, or goes on, is 0', () => {
    for (const state of ['COMPLETED', 'RUNNING', 'PENDING', 'CREATED'] as const) expect(exitCodeOfRun(sampleRun({ state }))).toBe(0)
  })

  test('a failed run says who has to act: 10 the application, 11 the platform, 12 memory', () => {
    expect(exitCodeOfRun(failedBy('exit-nonzero'))).toBe(10)
    expect(exitCodeOfRun(failedBy('command-not-found'))).toBe(10)
    expect(exitCodeOfRun(failedBy('image-not-found'))).toBe(11)
    expect(exitCodeOfRun(failedBy('oom-killed'))).toBe(12)
    expect(exitCodeOfRun(failedBy('stopped-by-user'))).toBe(13)
  })

  test('every verdict of a failed run has one of the four codes', () => {
    for (const code of Object.keys(VERDICT_CODES) as VerdictCode[]) expect([10, 11, 12, 13]).toContain(exitCodeOfRun(failedBy(code)))
  })

  test('a stopped or deleted run is 13', () => {
    for (const state of ['STOPPED', 'STOP', 'DELETED'] as const) expect(exitCodeOfRun(sampleRun({ state }))).toBe(13)
  })

  test('without a verdict the container’s exit code decides', () => {
    const ended = { name: 'main', replica: 0, attempt: 1, state: 'ended', ready: false, restarts: 0, exit_code: 3 } as const
    expect(exitCodeOfRun(sampleRun({ state: 'ERROR', containers: [ended] }))).toBe(10)
    expect(containerExitCode(sampleRun({ containers: [ended] }))).toBe(3)
    expect(exitCodeOfRun(sampleRun({ state: 'ERROR' }))).toBe(11)
    expect(containerExitCode(sampleRun())).toBeUndefined()
  })

  test('of several runs the gravest counts', () => {
    expect(gravest([0, 10, 3])).toBe(10)
    expect(gravest([])).toBe(0)
  })
})
