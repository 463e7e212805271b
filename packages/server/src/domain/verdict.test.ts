import { VERDICT_CODES, type VerdictCode } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { sentence, verdict } from './verdict.ts'

const codes = Object.keys(VERDICT_CODES) as readonly VerdictCode[]
const context = { image: 'ghcr.io/acme/app:1', exitCode: 3, memoryLimit: 2 ** 30, ports: [8501] }

describe.each(codes)('%s', (code) => {
  test('says what happened and what to do, with or without knowing more', () => {
    // Who blames the image knows its name.
    for (const known of code.startsWith('image-') ? [context] : [context, {}, { exitCode: 1 }]) {
      const { title, hint } = verdict(code, [], known)
      expect(title).toMatch(/^([A-Z]|ghcr\.io)/)
      expect(hint.length).toBeGreaterThan(10)
    }
  })

  test('makes one sentence without a hole', () => {
    expect(sentence(verdict(code, ['what was seen'], context))).not.toMatch(/undefined|NaN|\.\.|: \./)
  })
})

test.each(codes.filter((code) => code.startsWith('image-')))('the title of %s names the image', (code) => {
  expect(verdict(code, [], context).title).toContain('ghcr.io/acme/app:1')
})

test.each(codes)('the hint of %s speaks of no other engine than the one that runs it', (code) => {
  expect(verdict(code, [], { ...context, cluster: true }).hint).not.toMatch(/docker system|this machine|on the engine|the engine's/)
  expect(verdict(code, [], context).hint).not.toMatch(/image_pull_secrets|kubectl create/)
})

test.each([126, 127, 137, 139, 143])('exit code %i is explained', (exitCode) => {
  expect(verdict('exit-nonzero', [], { exitCode }).hint).not.toBe(verdict('exit-nonzero', [], { exitCode: 3 }).hint)
})

test('evidence is kept word for word and is a copy', () => {
  const evidence = ['  a ', '"b"']
  const { evidence: kept } = verdict('config-refused', evidence)
  expect(kept).toEqual(evidence)
  expect(kept).not.toBe(evidence)
})

test('of an exit the last line is told, of everything else the first', () => {
  expect(sentence(verdict('exit-nonzero', ['starting', 'no such file'], { exitCode: 1 }))).toContain(': no such file. ')
  expect(sentence(verdict('config-refused', ['bad flag', 'usage'], {}))).toContain(': bad flag. ')
  expect(sentence(verdict('stopped-by-user', []))).toBe('The run was stopped on request. Run it again when you need it.')
})
