import { describe, expect, test } from 'vitest'
import { DavitError, duplicated, ERROR_CODES, type ErrorCode, illegalTransition, isErrorCode, notFound } from './error.ts'
import { fromErrorBody, toErrorBody } from './error-body.ts'

const codes = Object.keys(ERROR_CODES) as readonly ErrorCode[]
const wireCodes = codes.filter((code) => ERROR_CODES[code].status !== 0)

describe('error codes', () => {
  test.each(codes)('%s has an exit code that a shell can show, and it is not 0', (code) => {
    const { exit } = ERROR_CODES[code]
    expect(Number.isInteger(exit) && exit > 0 && exit < 256).toBe(true)
  })

  test.each(codes)('%s has the status of an HTTP error, or none', (code) => {
    const { status } = ERROR_CODES[code]
    expect(status === 0 || (status >= 400 && status < 600)).toBe(true)
  })

  test('a name that objects have by nature is no code', () => {
    expect(['constructor', 'toString', '__proto__', undefined, 7].filter(isErrorCode)).toEqual([])
  })
})

describe('errors on the wire', () => {
  test.each(wireCodes)('%s arrives as it was sent', (code) => {
    const sent = new DavitError(code, 'what happened', { path: 'spec.image', hint: 'do this' })
    const body = toErrorBody(sent, 'req-1')
    expect(body.status).toBe(ERROR_CODES[code].status)
    expect(fromErrorBody(body.status, body)).toMatchObject({ code, message: 'what happened', path: 'spec.image', hint: 'do this', requestId: 'req-1' })
  })

  test('they carry the words by which official clients tell them apart', () => {
    expect(JSON.stringify(toErrorBody(notFound('function', 'hello'), 'r'))).toMatch(/No such function\..*No such EntityName/)
    expect(toErrorBody(duplicated('function', 'f1'), 'r')).toMatchObject({ status: 400, message: 'Duplicated entity function:f1.' })
    expect(toErrorBody(illegalTransition('STOPPED', 'STOP'), 'r')).toMatchObject({
      status: 400,
      message: 'Invalid transition from state STOPPED to state STOP.',
    })
  })

  test('a body of the reference, without our code, is understood by status and words', () => {
    const codeOf = (status: number, message: string) => fromErrorBody(status, { status, message, errorCode: null }).code
    expect(codeOf(400, 'Duplicated entity task:t1.')).toBe('duplicate')
    expect(codeOf(400, 'Invalid transition from state A to state B.')).toBe('illegal_transition')
    expect([codeOf(400, 'x'), codeOf(401, 'x'), codeOf(403, 'x'), codeOf(404, 'x')]).toEqual(['invalid', 'unauthenticated', 'forbidden', 'not_found'])
  })

  test.each([
    [502, 'internal'],
    [504, 'internal'],
    [418, 'bad_answer'],
  ] as const)('an answer of %d without a body is %s', (status, code) => {
    expect(fromErrorBody(status, undefined)).toMatchObject({ code, message: `the server answered ${status}` })
  })
})
