import fc from 'fast-check'
import { expect, test } from 'vitest'
import { functionKey, functionRef, parseFunctionRef, parseTaskRef, projectKey, runKey, secretKey, taskKey, taskRef } from './key.ts'
import { ACTION_NAMES, actionOfRunKind, actionOfTaskKind, runKindOf, taskKindOf } from './kind.ts'
import { EntityId, newEntityId } from './name.ts'

const slug = fc.stringMatching(/^[a-zA-Z0-9._+-]{1,20}$/)
const fn = { project: 'demo', kind: 'container', name: 'hello', id: '9c4d' }

test('keys are written as the official clients write them', () => {
  expect([projectKey('demo'), functionKey(fn), taskKey({ ...fn, kind: 'container+job' }), runKey({ ...fn, kind: 'container+job:run' }), secretKey(fn)]).toEqual(
    [
      'store://demo',
      'store://demo/function/container/hello:9c4d',
      'store://demo/task/container+job/9c4d',
      'store://demo/run/container+job:run/9c4d:9c4d',
      'store://demo/secret/secret/hello',
    ],
  )
})

test('a reference to a function or task comes back as it went in', () => {
  fc.assert(
    fc.property(slug, slug, slug, slug, (kind, project, name, id) => {
      expect(parseFunctionRef(functionRef({ kind, project, name, id }))).toEqual({ kind, project, name, id })
      expect(parseTaskRef(taskRef({ kind, project, id }))).toEqual({ kind, project, id })
    }),
  )
})

test('a function without a version is any version of it', () => {
  expect(parseFunctionRef('container://demo/hello')).toEqual({ kind: 'container', project: 'demo', name: 'hello', id: undefined })
})

test.each(['', 'hello', 'container://', 'container://demo', '://demo/hello', 'demo/hello:1'])('%j is no reference', (text) => {
  expect([parseFunctionRef(text), parseTaskRef(text)]).toEqual([undefined, undefined])
})

test('kinds and actions belong together one to one', () => {
  for (const action of ACTION_NAMES) expect([actionOfTaskKind(taskKindOf(action)), actionOfRunKind(runKindOf(action))]).toEqual([action, action])
  expect(['container+run', 'container+build:run', 'job', 'container+constructor:run', ''].map(actionOfRunKind)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('a new id is one that official clients take', () => {
  const id = newEntityId()
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  expect(EntityId.parse(id)).toBe(id)
})
