import { DavitError, isOneOf, SEARCHED, type Searched } from 'davit/contract'
import { parseRange } from '#store/list.ts'
import type { Range, SearchTerms } from '#store/search.ts'

const unquoted = (text: string): string => text.trim().replace(/^"(.*)"$/s, '$1')
/** `(a OR b)`, `("a b" AND c)`, `a` → the texts. */
const listOf = (text: string): string[] =>
  text
    .trim()
    .replace(/^\((.*)\)$/s, '$1')
    .split(/ (?:OR|AND) /)
    .map(unquoted)
    .filter(Boolean)

/** `[a TO b]` with ISO times; `*` and what is not a time leave that side open, as in lists. */
const rangeOf = (text: string): Range => {
  const [, from = '', to = ''] = text.match(/^\s*\[\s*(.*?)\s+TO\s+(.*?)\s*\]\s*$/s) ?? []
  return { from: parseRange(from).from, to: parseRange(to).from }
}

const typesOf = (text: string): readonly Searched[] => listOf(text).filter((type) => isOneOf(SEARCHED, type))

type Filter = (text: string) => Partial<SearchTerms>
/** The fields that the official clients filter by. Others' entities are not there, so a type that is not known finds nothing. */
const FILTERS = {
  type: (text) => ({ types: typesOf(text) }),
  kind: (text) => ({ kind: unquoted(text) }),
  'metadata.name': (text) => ({ name: unquoted(text) }),
  'metadata.description': (text) => ({ description: unquoted(text) }),
  'metadata.labels': (text) => ({ labels: listOf(text) }),
  'metadata.created': (text) => ({ created: rangeOf(text) }),
  'metadata.updated': (text) => ({ updated: rangeOf(text) }),
} as const satisfies Record<string, Filter>
const isField = (field: string): field is keyof typeof FILTERS => Object.hasOwn(FILTERS, field)

const filterOf = (text: string): Partial<SearchTerms> => {
  const [, field = '', rest = ''] = text.match(/^\s*([\w.]+)\s*:(.*)$/s) ?? []
  if (isField(field)) return FILTERS[field](rest)
  throw new DavitError('invalid', `fq cannot be ${text}: write <field>:<value> with one of ${Object.keys(FILTERS).join(', ')}`, { path: 'fq' })
}

/** What a search asks for, from its text and its filters in the form that clients write for Solr. Throws `invalid` for a field that is not known. */
export const searchTerms = (query = '', filters: readonly string[] = []): SearchTerms => ({
  words: unquoted(query) === '*' || query === '*:*' ? [] : query.split(/\s+/).map(unquoted).filter(Boolean).slice(0, 20),
  types: undefined,
  kind: undefined,
  name: undefined,
  description: undefined,
  labels: [],
  created: undefined,
  updated: undefined,
  ...Object.assign({}, ...filters.map(filterOf)),
})
