import { describe, expect, test } from 'vitest'
import { sampleRun } from './sample-run.ts'
import { pickRun } from '#run/run-ref.ts'
import { shortIds } from '#run/short-id.ts'

const runs = [
  sampleRun({ id: 'aaaa1111' }),
  sampleRun({ id: 'aaaa2222', name: 'web' }),
  sampleRun({ id: 'bbbb3333', name: 'aaaa' }),
  sampleRun({ id: 'cccc4444', name: 'twin' }),
  sampleRun({ id: 'dddd5555', name: 'twin' }),
]
const pick = (ref: string): string => pickRun(ref, runs, 'default').id

describe('a run is named by', () => {
  test('its id', () => expect(pick('aaaa2222')).toBe('aaaa2222'))
  test('its name', () => expect(pick('web')).toBe('aaaa2222'))
  test('its name, before a prefix of other ids', () => expect(pick('aaaa')).toBe('bbbb3333'))
  test('a prefix that only it has', () => expect(pick('aaaa1')).toBe('aaaa1111'))
  test('a prefix in capitals', () => expect(pick('AAAA1')).toBe('aaaa1111'))
})

test('a prefix of fewer than 4 characters names no run', () => {
  expect(() => pick('bbb')).toThrow(
    expect.objectContaining({ code: 'not_found', message: expect.stringContaining('"bbb" names none in project default') as string }),
  )
})

test('a name that two runs have is refused with both', () => {
  expect(() => pick('twin')).toThrow(
    expect.objectContaining({ code: 'invalid', message: '"twin" may be 2 runs: cccc4444 (hello, RUNNING), dddd5555 (hello, RUNNING)' }),
  )
})

test('short ids have 8 characters, or as many as tell them apart', () => {
  const short = shortIds(['0123456789a', '0123456789b', 'fedcba98765'])
  expect(['0123456789a', '0123456789b', 'fedcba98765'].map(short)).toEqual(['0123456789a', '0123456789b', 'fedcba98'])
})
