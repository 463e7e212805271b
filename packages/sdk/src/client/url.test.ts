import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillPath, queryText } from './url.ts'

test('a name stays one segment of the path, whatever is in it', () => {
  const name = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text !== '.' && text !== '..')
  fc.assert(
    fc.property(name, (id) => {
      const { pathname } = new URL(fillPath('/api/v1/-/:project/runs/:id', { project: 'demo', id }), 'http://x')
      const [last = ''] = pathname.split('/').slice(-1)
      expect(pathname.split('/')).toHaveLength(7)
      expect(decodeURIComponent(last)).toBe(id)
    }),
  )
})

test('a segment that is missing, empty or dotted is refused', () => {
  for (const id of [undefined, '', '.', '..']) expect(() => fillPath('/x/:id', id === undefined ? {} : { id })).toThrow('id must not be')
})

test('a query leaves out what is undefined and repeats lists', () => {
  expect(queryText({ a: undefined, b: false, c: [1, 'x y'], d: 'container+job' })).toBe('?b=false&c=1&c=x+y&d=container%2Bjob')
  expect(queryText({ a: undefined })).toBe('')
  expect(queryText()).toBe('')
})
