import { nearestOf } from 'davit/contract'
import { invalid } from '#runner/invalid.ts'

/** The kinds that `get` and `delete` know, and how else they are written. */
export const KINDS = {
  run: ['runs'],
  function: ['functions', 'fn', 'container'],
  project: ['projects', 'pj'],
  task: ['tasks'],
  secret: ['secrets'],
} as const satisfies Record<string, readonly string[]>
export type Kind = keyof typeof KINDS

const isKind = (word: string): word is Kind => Object.hasOwn(KINDS, word)
export const KIND_WORDS = Object.keys(KINDS)

/** `Runs` → `run`. Throws `invalid` with the nearest known kind. */
export const parseKind = (word: string): Kind => {
  const lower = word.toLowerCase()
  const kind = KIND_WORDS.filter(isKind).find((name) => name === lower || KINDS[name].some((other) => other === lower))
  if (kind) return kind
  const nearest = KIND_WORDS.find((name) => name.startsWith(lower)) ?? nearestOf(lower, [...KIND_WORDS, ...Object.values(KINDS).flat()])
  throw invalid(`unknown kind "${word}"`, { hint: nearest ? `did you mean ${nearest}?` : `known: ${KIND_WORDS.join(', ')}` })
}
