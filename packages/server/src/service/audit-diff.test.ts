import { expect, test } from 'vitest'
import { auditDiff, changedNames } from './audit-diff.ts'

test('what changed is told as it was and as it is, and nothing else', () => {
  expect(auditDiff({ a: 1, b: [1], c: 'x' }, { a: 2, b: [1], d: true })).toEqual({ before: { a: 1, c: 'x' }, after: { a: 2, d: true } })
})

test('values that may be secrets are not', () => {
  const after = {
    envs: [{ name: 'PGPASSWORD', value: 'hunter2' }],
    api_token: 'hunter2',
    nested: { password: 'hunter2', image: 'app:1' },
    secrets: ['KEY'],
    api_tokens: ['hunter2'],
  }
  const diff = auditDiff({}, after)
  expect(JSON.stringify(diff)).not.toContain('hunter2')
  expect(diff.after).toMatchObject({ envs: ['PGPASSWORD'], nested: { image: 'app:1' }, secrets: ['KEY'] })
})

test.each([
  ['a map', { PGPASSWORD: 'hunter2', DEPTH: 3 }, ['PGPASSWORD', 'DEPTH']],
  ['a list', [{ name: 'PGPASSWORD', value: 'hunter2' }], ['PGPASSWORD']],
  ['a list of lines', ['PGPASSWORD=hunter2\nhunter2', 'hunter2'], ['PGPASSWORD', '(not shown)']],
  ['what is no variables', 'hunter2', '(not shown)'],
])('of variables as %s only the names are told', (_, variables, names) => {
  for (const field of ['env', 'envs']) {
    const diff = auditDiff({ nested: { [field]: variables } }, { [field]: variables })
    expect(JSON.stringify(diff)).not.toContain('hunter2')
    expect(diff).toEqual({ before: { nested: { [field]: names } }, after: { [field]: names } })
  }
})

test('of a long text the beginning is told', () => {
  expect(auditDiff({ code: 'x'.repeat(5000) }, {}).before['code']).toBe(`${'x'.repeat(1000)}… (5000 characters)`)
})

test('the names alone tell what changed where the values may be anything', () => {
  expect(changedNames({ a: 1, b: 'hunter2' }, { a: 1, b: 'other', c: true })).toEqual(['b', 'c'])
})
