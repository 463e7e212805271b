import { expect, test } from 'vitest'
import { checkBudgets } from './budgets.ts'
import { measure } from './measure.ts'
import { problemLine } from './problem.ts'
import { parseSource } from './source.ts'

const check = (...texts: string[]) => checkBudgets(texts.map((text, index) => measure(parseSource(`packages/x/src/${index}.ts`, text)))).map(problemLine)
const statements = (count: number) => Array.from({ length: count }, (_, index) => `  call(${index})`).join('\n')
const small = Array.from({ length: 20 }, (_, index) => `export const f${index} = () => {\n  return ${index}\n}\n`)

test('a file of 400 lines is allowed, one of 401 is not', () => {
  expect(check('\n'.repeat(400), ...small)).toEqual([])
  expect(check('\n'.repeat(401), ...small)).toEqual(['packages/x/src/0.ts:1 the file has 401 lines, more than 400'])
})

test('a function of more than 60 lines of code is found, whatever its form', () => {
  const body = `{\n${statements(60)}\n}`
  const forms = [`function big() ${body}`, `const big = () => ${body}`, `const all = { big() ${body} }`, `class A {\n  big() ${body}\n}`]
  for (const form of forms) expect(check(form, ...small)).toEqual([expect.stringMatching(/:\d function big has 62 lines, more than 60/)])
})

test('blank lines and comments are not code', () => {
  expect(check(`const quiet = () => {\n${'\n  // why\n  /* and\n  how */\n'.repeat(40)}}\n`, ...small)).toEqual([])
})

test('a factory is as long as its longest member', () => {
  const member = (name: string) => `  ${name}: () => {\n${statements(20)}\n  },`
  expect(check(`const make = () => ({\n${['a', 'b', 'c', 'd'].map(member).join('\n')}\n})`, ...small)).toEqual([])
})

test('the 90th percentile and the median have limits of their own', () => {
  const long = '\n'.repeat(260)
  expect(check(long, long, ...small.slice(0, 4))).toContain('packages/x/src/0.ts:1 the 90th percentile of files is 260 lines, more than 250; the file has 260')
  const middle = '\n'.repeat(90)
  expect(check(middle, middle, middle, 'x')).toContain('packages/x/src/0.ts:1 the median file is 90 lines, more than 80; the file has 90')
  const wordy = Array.from({ length: 5 }, (_, index) => `const f${index} = () => {\n${statements(40)}\n}`)
  expect(check(...wordy, ...small)).toContain('packages/x/src/0.ts:1 the 90th percentile of functions is 42 lines, more than 35; function f0 has 42')
})

test('any and ! are found with their lines', () => {
  expect(check('const a = 1\nconst b: any = a\n', ...small)).toEqual(['packages/x/src/0.ts:2 `any` is not allowed: name the type, or `unknown`'])
  expect(check('const a = list[0]!\n', ...small)).toEqual(['packages/x/src/0.ts:1 `!` is not allowed: handle the missing value'])
})

test('casts may be three in a thousand lines; as const and satisfies are none', () => {
  expect(check('const a = b as string', ...small)).toEqual([expect.stringContaining('packages/x/src/0.ts:1 `as`: 16.4 per 1,000 lines of code, more than 3')])
  expect(check(`const a = b as string\n${'call()\n'.repeat(390)}`, ...small)).toEqual([])
  expect(check('const a = [1] as const satisfies number[]', ...small)).toEqual([])
})
