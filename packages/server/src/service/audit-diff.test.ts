import { expect, test } from 'vitest'
import { auditDiff } from './audit-diff.ts'

test('what changed is told as it was and as it is, and nothing else', () => {
  expect(auditDiff({ a: 1, b: [1], c: 'x' }, { a: 2, b: [1], d: true })).toEqual({ before: { a: 1, c: 'x' }, after: { a: 2, d: true } })
})

test('values that may be secrets are not', () => {
  const after = { envs: [{ name: 'PGPASSWORD', value: 'hunter2' }], api_token: 'hunter2', nested: { password: 'hunter2', image: 'app:1' }, secrets: ['KEY'] }
  const diff = auditDiff({}, after)
  expect(JSON.stringify(diff)).not.toContain('hunter2')
  expect(diff.after).toMatchObject({ envs: ['PGPASSWORD'], nested: { image: 'app:1' }, secrets: ['KEY'] })
})
