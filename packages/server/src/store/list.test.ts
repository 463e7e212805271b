import { describe, expect, test } from 'vitest'
import { like, parseRange, parseSort, plusRestored } from './list.ts'

const fallback = { column: 'created', direction: 'desc' } as const

describe('sort', () => {
  test.each([
    [undefined, [fallback]],
    [[], [fallback]],
    ['name,ASC', [{ column: 'name', direction: 'asc' }]],
    ['name', [{ column: 'name', direction: 'asc' }]],
    ['metadata.updated,desc', [{ column: 'updated', direction: 'desc' }]],
    ['user,Desc', [{ column: 'user_name', direction: 'desc' }]],
    [
      ['kind,ASC', 'id,DESC'],
      [
        { column: 'kind', direction: 'asc' },
        { column: 'id', direction: 'desc' },
      ],
    ],
  ])('%j', (sort, orders) => {
    expect(parseSort(sort, fallback, false)).toEqual(orders)
  })

  test.each(['spec,ASC', 'name,UP', 'name;drop table run', ' ', 'constructor', 'state,UP'])('%j is refused', (sort) => {
    expect(() => parseSort(sort, fallback, false)).toThrow(expect.objectContaining({ code: 'invalid', path: 'sort' }))
  })

  test('by state where there is one; where all are in the same it changes nothing', () => {
    expect(parseSort('state', fallback, true)).toEqual([{ column: 'state', direction: 'asc' }])
    expect(parseSort('state,DESC', fallback, false)).toEqual([fallback])
    expect(parseSort(['state', 'name'], fallback, false)).toEqual([{ column: 'name', direction: 'asc' }])
  })
})

describe('a range of times', () => {
  test('is a start, or start and end; what is no time is ignored', () => {
    expect(parseRange('2026-01-02T03:04:05Z')).toEqual({ from: new Date('2026-01-02T03:04:05Z'), to: undefined })
    expect(parseRange('2026-01-01, 2026-01-02')).toEqual({ from: new Date('2026-01-01'), to: new Date('2026-01-02') })
    expect(parseRange('yesterday,2026-01-02')).toEqual({ from: undefined, to: new Date('2026-01-02') })
    expect(parseRange(undefined)).toEqual({ from: undefined, to: undefined })
  })

  test('survives a + that arrived as a space', () => {
    expect(parseRange('2026-01-02T03:04:05 02:00').from).toEqual(new Date('2026-01-02T01:04:05Z'))
  })
})

test('patterns mean themselves', () => {
  expect(like('50%_\\')).toBe('%50\\%\\_\\\\%')
  expect(plusRestored('container job')).toBe('container+job')
})
