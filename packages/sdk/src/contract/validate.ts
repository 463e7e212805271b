import type * as z from 'zod'
import { DavitError } from './error.ts'

type Issue = z.core.$ZodIssue

const pathOf = (path: readonly PropertyKey[]): string => path.map(String).join('.')

/** The deepest issue of the union branch that fits best (fewest issues): what the user most likely meant. */
const mostTelling = (issue: Issue): Issue => {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue
  const [branch] = [...issue.errors].sort((a, b) => b.reduce((n, i) => n + i.path.length, 0) - a.reduce((n, i) => n + i.path.length, 0))
  const inner = branch?.[0]
  return inner && inner.path.length > 0 ? mostTelling({ ...inner, path: [...issue.path, ...inner.path] }) : issue
}

/** The schema's own words, where it has some; Zod's begin so. */
const isOwn = (message: string): boolean => !message.startsWith('Invalid ')

const describe = (issue: Issue): string => {
  if (isOwn(issue.message)) return issue.message
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  if (issue.code === 'invalid_type')
    return issue.input === undefined && issue.message.includes('undefined') ? `is required (${issue.expected})` : `must be of type ${issue.expected}`
  return issue.message
}

/** All that is wrong with an input, as one error whose message names each field, and what is allowed there. */
export const toInvalid = (error: { readonly issues: readonly Issue[] }, prefix: readonly string[] = []): DavitError => {
  const issues = error.issues.slice(0, 8).map(mostTelling)
  const lines = issues.map((issue) => [pathOf([...prefix, ...issue.path]), describe(issue)].filter(Boolean).join(' '))
  const first = issues[0]
  return new DavitError('invalid', lines.join('; ') || 'invalid input', first ? { path: pathOf([...prefix, ...first.path]) } : {})
}

/** The parsed value, or a DavitError `invalid`. `prefix` is put before the field paths in messages. */
export const parseOrThrow = <S extends z.ZodType>(schema: S, value: unknown, ...prefix: readonly string[]): z.output<S> => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw toInvalid(result.error, prefix)
}
