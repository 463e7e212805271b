import type { FunctionSize, Measures } from './measure.ts'
import type { Problem } from './problem.ts'

/** In lines: a file's physical ones, a function's lines of code. Casts per 1,000 lines of code. */
export const BUDGETS = { file: { hard: 400, p90: 250, median: 80 }, function: { hard: 60, p90: 35 }, castsPerThousand: 3 } as const

/** The value below which a share of the values lies; 0 of none. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

interface Sized {
  readonly file: string
  readonly line: number
  readonly what: string
  readonly lines: number
}

const tooLong = (all: readonly Sized[], hard: number): Problem[] =>
  all.filter(({ lines }) => lines > hard).map(({ file, line, what, lines }) => ({ file, line, message: `${what} has ${lines} lines, more than ${hard}` }))

/** One problem for a whole distribution, at the first of its longest that pushes it over the limit. */
const overQuantile = (all: readonly Sized[], share: number, { limit, name }: { readonly limit: number; readonly name: string }): Problem[] => {
  const value = quantile(
    all.map(({ lines }) => lines),
    share,
  )
  if (value <= limit) return []
  return [...all]
    .filter(({ lines }) => lines > limit)
    .sort((a, b) => b.lines - a.lines)
    .slice(0, 10)
    .map(({ file, line, what, lines }) => ({ file, line, message: `${name} is ${value} lines, more than ${limit}; ${what} has ${lines}` }))
}

const escapes = (measures: readonly Measures[]): Problem[] =>
  measures.flatMap(({ file, anys, bangs }) => [
    ...anys.map((line) => ({ file, line, message: '`any` is not allowed: name the type, or `unknown`' })),
    ...bangs.map((line) => ({ file, line, message: '`!` is not allowed: handle the missing value' })),
  ])

const tooManyCasts = (measures: readonly Measures[]): Problem[] => {
  const casts = measures.flatMap(({ file, casts: lines }) => lines.map((line) => ({ file, line })))
  const perThousand =
    (casts.length * 1000) /
    Math.max(
      1,
      measures.reduce((sum, { code }) => sum + code, 0),
    )
  if (perThousand <= BUDGETS.castsPerThousand) return []
  return casts.map(({ file, line }) => ({
    file,
    line,
    message: `\`as\`: ${perThousand.toFixed(1)} per 1,000 lines of code, more than ${BUDGETS.castsPerThousand}`,
  }))
}

const sizedFile = ({ file, lines }: Measures): Sized => ({ file, line: 1, what: 'the file', lines })
const sizedFunction = (file: string, { name, line, lines }: FunctionSize): Sized => ({ file, line, what: `function ${name}`, lines })

/** What all files together break of the budgets. */
export const checkBudgets = (measures: readonly Measures[]): Problem[] => {
  const files = measures.map(sizedFile)
  const functions = measures.flatMap(({ file, functions: of }) => of.map((one) => sizedFunction(file, one)))
  return [
    ...tooLong(files, BUDGETS.file.hard),
    ...overQuantile(files, 0.9, { limit: BUDGETS.file.p90, name: 'the 90th percentile of files' }),
    ...overQuantile(files, 0.5, { limit: BUDGETS.file.median, name: 'the median file' }),
    ...tooLong(functions, BUDGETS.function.hard),
    ...overQuantile(functions, 0.9, { limit: BUDGETS.function.p90, name: 'the 90th percentile of functions' }),
    ...escapes(measures),
    ...tooManyCasts(measures),
  ]
}
