import { type Node, type Source, walk } from './source.ts'

export interface FunctionSize {
  readonly name: string
  readonly line: number
  /** Lines of its body that hold code: no blanks, no comments. */
  readonly lines: number
}

export interface Measures {
  readonly file: string
  /** Physical lines. */
  readonly lines: number
  /** Lines that hold code. */
  readonly code: number
  readonly functions: readonly FunctionSize[]
  /** Lines of `x as T`; `as const` is none. */
  readonly casts: readonly number[]
  /** Lines of `any`. */
  readonly anys: readonly number[]
  /** Lines of `x!`. */
  readonly bangs: readonly number[]
}

/** Which lines hold code: those with something but blanks once the comments are blanked out. */
const codeLines = ({ text, comments }: Source): boolean[] => {
  const rest = [...comments]
    .reverse()
    .reduce((left, { start, end }) => left.slice(0, start) + left.slice(start, end).replace(/[^\n]/g, ' ') + left.slice(end), text)
  return rest.split('\n').map((line) => line.trim() !== '')
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])
const OBJECTS = new Set(['ObjectExpression', 'ClassExpression'])

const unwrapped = (node: Node): Node => (node.type === 'ParenthesizedExpression' ? unwrapped(node['expression'] as Node) : node)

/** A factory `() => ({ … })` is a table of its members, which are measured one by one. */
const isFactory = (node: Node): boolean => node.type === 'ArrowFunctionExpression' && OBJECTS.has(unwrapped(node['body'] as Node).type)

const nameIn = (node: Node | undefined): string | undefined => {
  const id = (node?.['id'] ?? node?.['key']) as Node | null | undefined
  return typeof id?.['name'] === 'string' ? id['name'] : undefined
}

/** All functions with a body, named or not, nested ones also within the one around them. */
const functionsOf = (source: Source, code: readonly boolean[]): FunctionSize[] =>
  [...walk(source.program)].flatMap(({ node, parent }) => {
    const body = node['body'] as Node | null | undefined
    if (!FUNCTIONS.has(node.type) || !body || isFactory(node)) return []
    const [first, last] = [source.lineOf(body.start), source.lineOf(body.end - 1)]
    const lines = code.slice(first - 1, last).filter(Boolean).length
    return [{ name: nameIn(node) ?? nameIn(parent) ?? '(unnamed)', line: source.lineOf(node.start), lines }]
  })

const isConst = (node: Node): boolean => {
  const type = node['typeAnnotation'] as Node
  return type.type === 'TSTypeReference' && (type['typeName'] as Node)['name'] === 'const'
}

/** Sizes and type escapes of one file. */
export const measure = (source: Source): Measures => {
  const code = codeLines(source)
  const linesOf = (fits: (node: Node) => boolean): number[] => [...walk(source.program)].flatMap(({ node }) => (fits(node) ? [source.lineOf(node.start)] : []))
  return {
    file: source.file,
    lines: source.text.replace(/\n$/, '').split('\n').length,
    code: code.filter(Boolean).length,
    functions: functionsOf(source, code),
    casts: linesOf((node) => node.type === 'TSAsExpression' && !isConst(node)),
    anys: linesOf((node) => node.type === 'TSAnyKeyword'),
    bangs: linesOf((node) => node.type === 'TSNonNullExpression'),
  }
}
