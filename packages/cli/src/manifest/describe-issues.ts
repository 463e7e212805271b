import { toInvalid } from 'davit/contract'

type Issues = Parameters<typeof toInvalid>[0]['issues']

export interface DescribedIssue {
  readonly path: readonly string[]
  readonly text: string
}

const SHOWN = 8

/** Each thing that is wrong with an input: where, and what is allowed there. The contract's own words, one by one. */
export const describeIssues = (issues: Issues): readonly DescribedIssue[] =>
  issues.slice(0, SHOWN).map((issue) => {
    const { message, path = '' } = toInvalid({ issues: [issue] })
    return { path: path === '' ? [] : path.split('.'), text: message.startsWith(path) ? message.slice(path.length).trim() : message }
  })
