import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dnsLabel, workloadName } from './names.ts'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

test('any text becomes a DNS label, always the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      expect(dnsLabel(text)).toMatch(LABEL)
      expect(dnsLabel(text)).toBe(dnsLabel(text))
    }),
  )
})

test('a label is left as it is', () => {
  fc.assert(fc.property(fc.stringMatching(LABEL), (label) => dnsLabel(label) === label))
})

test('two long texts that differ only at the end stay two', () => {
  const long = 'a'.repeat(80)
  expect(dnsLabel(`${long}1`)).not.toBe(dnsLabel(`${long}2`))
})

test('texts that only other letters tell apart stay two', () => {
  expect(dnsLabel('日本')).not.toBe(dnsLabel('中国'))
  expect(dnsLabel('a b')).not.toBe(dnsLabel('a/b'))
})

test('short names stay readable', () => {
  expect(dnsLabel('My_App.v1')).toBe('my-app-v1')
  expect(workloadName({ id: 'ef01', action: 'job' }, 2)).toBe('davit-job-ef01-2')
})
