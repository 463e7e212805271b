import { dirname, join, normalize } from 'node:path/posix'
import { covers, holds, layerOf, MAY_IMPORT, ONLY_IN, PACKAGES } from '../architecture.ts'
import type { Problem } from './problem.ts'
import { type Node, type Source, walk } from './source.ts'

interface Import {
  readonly target: string
  readonly offset: number
}

const literal = (node: unknown): string | undefined => {
  const value = (node as Node | null | undefined)?.['value']
  return typeof value === 'string' ? value : undefined
}

const IMPORTING = new Set(['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression', 'TSImportType'])

/** All modules a file names: import, export … from, import(), import type, import('x').T. */
const importsOf = (source: Source): Import[] =>
  [...walk(source.program)].flatMap(({ node }) => {
    if (!IMPORTING.has(node.type)) return []
    const target = literal(node['source'] ?? node['argument'])
    return target === undefined ? [] : [{ target, offset: node.start }]
  })

const packageOf = (target: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(target)?.[0] ?? target

/** The path below `packages/` that an import means; undefined: a module of somebody else. */
const pathOf = (file: string, target: string): string | undefined => {
  if (target.endsWith('.json')) return undefined
  if (target.startsWith('.')) return normalize(join(dirname(file), target))
  if (target.startsWith('#')) return `${file.split('/')[0]}/src/${target.slice(1)}`
  const folder = PACKAGES[packageOf(target)]
  if (!folder) return undefined
  // An entry point is a file of its own name, or the index of a folder.
  const inside = target.slice(packageOf(target).length + 1) || 'index'
  return [`${folder}/src/${inside}/index.ts`, `${folder}/src/${inside}.ts`].find((path) => layerOf(path)) ?? `${folder}/src/${inside}`
}

/** Which rule one import of a file below `packages/` breaks; undefined: none. */
const brokenBy = (file: string, target: string): string | undefined => {
  const homes = ONLY_IN[packageOf(target)]
  if (homes && !homes.some((home) => holds(home, file))) return `${target} may be imported only in ${homes.join(', ')}`
  const from = layerOf(file)
  const path = pathOf(file, target)
  if (!from || path === undefined) return undefined
  const to = layerOf(path)
  if (!to) return `${target} is in no layer: add its folder to tools/architecture.ts`
  if (to === from || MAY_IMPORT[from].some((allowed) => covers(allowed, to))) return undefined
  return `${from} must not import ${to} (${target})`
}

/** What a file of `packages/` breaks of the import table. */
export const checkImports = (source: Source): Problem[] => {
  const file = source.file.replace(/^packages\//, '')
  if (!layerOf(file)) return [{ file: source.file, line: 1, message: 'is in no layer: add its folder to tools/architecture.ts' }]
  return importsOf(source).flatMap(({ target, offset }) => {
    const message = brokenBy(file, target)
    return message === undefined ? [] : [{ file: source.file, line: source.lineOf(offset), message }]
  })
}
