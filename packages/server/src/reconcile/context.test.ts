import type { Note } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { container, seen } from '#domain/testing/samples.ts'
import { isShown, notesOf } from './context.ts'

const sealed: Note = { code: 'not-honoured', message: 'no gpu' }
const noted = (notes: Note[] | undefined, edits: readonly string[] | undefined) =>
  notesOf({ run: { status: { notes } } as Parameters<typeof notesOf>[0]['run'], seen: seen([container()], { edits }) })

describe('what somebody changed by hand', () => {
  test('is noted beside what was noted before', () => {
    expect(noted([sealed], ['replicas was changed'])).toEqual([sealed, { code: 'edited', message: 'replicas was changed' }])
  })

  test('is noted beside names that lead to a newer run', () => {
    const lost = { run: { status: { notes: [sealed] } } as Parameters<typeof notesOf>[0]['run'], seen: seen([container()], { namesLost: ['shop'] }) }
    const note = { code: 'name-lost', message: 'the name shop leads to a newer run that asked for it' }
    expect(notesOf(lost)).toEqual([sealed, note])
    expect(noted([sealed, note as Note], undefined)).toEqual([sealed])
  })

  test('is no longer told once it was put right again', () => {
    expect(noted([sealed, { code: 'edited', message: 'replicas was changed' }], undefined)).toEqual([sealed])
    expect(noted([{ code: 'edited', message: 'replicas was changed' }], [])).toBeUndefined()
  })

  test('is told once, however often it is looked at', () => {
    const once = noted(undefined, ['x'])
    expect(noted(once, ['x'])).toEqual(once)
  })
})

describe('a status that is seen again', () => {
  const status = {
    phase: 'running',
    containers: [{ name: 'c', replica: 0, attempt: 1, state: 'running', ready: true, restarts: 0 }],
    service: undefined,
  } as const
  const wide = { ...status, containers: [...status.containers] }

  test('is not written again, in whatever order the database has kept its keys', () => {
    const stored = { containers: [{ name: 'c', ready: true, state: 'running' as const, attempt: 1, replica: 0, restarts: 0 }], phase: 'running' as const }
    expect(isShown(stored, wide)).toBe(true)
    expect(isShown({ phase: 'running', message: 'a \ufffd b' }, { phase: 'running', message: 'a \0 b' })).toBe(true)
  })

  test('is written when anything in it differs', () => {
    expect(isShown({ ...wide, containers: [{ ...status.containers[0], ready: false }] }, wide)).toBe(false)
    expect(isShown({ ...wide, message: 'm' }, wide)).toBe(false)
  })
})
