import { expect, test } from 'vitest'
import { searchTerms } from './search-terms.ts'

test('filters in the form that clients write for Solr are understood', () => {
  const terms = searchTerms('hello "big" world', [
    'type:(function OR run)',
    'kind:"container"',
    'metadata.name:"my function"',
    'metadata.description:"text"',
    'metadata.labels:(a AND b)',
    'metadata.updated:[2026-01-01T00:00:00Z TO *]',
  ])
  expect(terms).toMatchObject({
    words: ['hello', 'big', 'world'],
    types: ['function', 'run'],
    kind: 'container',
    name: 'my function',
    description: 'text',
    labels: ['a', 'b'],
    updated: { from: new Date('2026-01-01T00:00:00Z'), to: undefined },
  })
})

test('one type or label needs no brackets', () => {
  expect(searchTerms(undefined, ['type:function', 'metadata.labels:(one)'])).toMatchObject({ types: ['function'], labels: ['one'], words: [] })
})

test('a type that is not here finds nothing, instead of everything', () => {
  expect(searchTerms('', ['type:(artifact)']).types).toEqual([])
})

test('everything is asked for with a star, or with nothing', () => {
  for (const query of ['*', '*:*', '', '  ']) expect(searchTerms(query).words).toEqual([])
})

test('a field that is not known is refused with those that are', () => {
  expect(() => searchTerms('', ['metadata.colour:red'])).toThrow(/metadata\.labels/)
})
