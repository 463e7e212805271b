import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { pageOf, pageQuery, toPage } from './page.ts'

const query = z.looseObject(pageQuery)

describe('pages', () => {
  test('of any list make up the list, and only the first and last say so', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (items, size) => {
        const count = Math.max(1, Math.ceil(items.length / size))
        const pages = Array.from({ length: count }, (_, page) =>
          toPage(items.slice(page * size, (page + 1) * size), { page, size, totalElements: items.length }),
        )
        for (const page of pages) pageOf(z.number()).parse(page)
        expect(pages.flatMap(({ content }) => content)).toEqual(items)
        expect(pages.map(({ last }) => last)).toEqual(pages.map((_, index) => index === count - 1))
        expect(pages.map(({ first }) => first)).toEqual(pages.map((_, index) => index === 0))
        expect(pages.every(({ numberOfElements, content, empty }) => numberOfElements === content.length && empty === (content.length === 0))).toBe(true)
      }),
    )
  })

  test('past the end are empty and last', () => {
    expect(toPage([], { page: 9, size: 25, totalElements: 30 })).toMatchObject({ content: [], last: true, totalPages: 2, number: 9, empty: true })
  })

  test('are asked for as the wire does it: from 0, 25 at once, and a page below 0 is the first', () => {
    expect(query.parse({})).toMatchObject({ page: 0, size: 25 })
    expect(query.parse({ page: '-1', size: '1000' })).toMatchObject({ page: 0, size: 1000 })
  })

  test.each([
    { size: '1001' },
    { size: '0' },
    { size: '1000000000' },
    { page: 'x' },
    { page: '1.5' },
    { page: '' },
    { size: ' ' },
    { page: '0x10' },
    { size: '1e1' },
  ])('of %j are refused', (wanted) => {
    expect(query.safeParse(wanted).success).toBe(false)
  })
})
