import type { Note } from 'davit/contract'
import { describe, expect, test } from 'vitest'
import { container, seen } from '#domain/testing/samples.ts'
import { notesOf } from './context.ts'

const sealed: Note = { code: 'not-honoured', message: 'no gpu' }
const noted = (notes: Note[] | undefined, edits: readonly string[] | undefined) =>
  notesOf({ run: { status: { notes } } as Parameters<typeof notesOf>[0]['run'], seen: seen([container()], { edits }) })

describe('what somebody changed by hand', () => {
  test('is noted beside what was noted before', () => {
    expect(noted([sealed], ['replicas was changed'])).toEqual([sealed, { code: 'edited', message: 'replicas was changed' }])
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
