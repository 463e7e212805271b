import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type UnknownField, unknownFields } from 'davit/contract'
import * as z from 'zod'
import { isMap, isNode, isPair, LineCounter, type Document as YamlDocument, parseAllDocuments } from 'yaml'
import { invalid } from '#runner/invalid.ts'
import type { Io } from '#runner/io.ts'
import { type Document, documentKind, kindHint, schemaOf } from './document.ts'
import { describeIssues } from './describe-issues.ts'

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The byte where the key at `path` begins, or where the deepest parent that exists does. */
const positionOf = (document: YamlDocument, path: readonly string[]): number => {
  for (let depth = path.length; depth > 0; depth--) {
    const parent: unknown = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1).map(asKey), true)
    const key = path[depth - 1]
    const pair = isMap(parent) ? parent.items.find((item) => isPair(item) && isNode(item.key) && String(item.key) === key) : undefined
    if (pair && isNode(pair.key)) return pair.key.range?.[0] ?? 0
    const node: unknown = document.getIn(path.slice(0, depth).map(asKey), true)
    if (isNode(node)) return node.range?.[0] ?? 0
  }
  return isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0
}
const asKey = (part: string): string | number => (/^\d+$/.test(part) ? Number(part) : part)

const refuseUnknown = (unknown: readonly UnknownField[], { file, lineOf }: Pick<Document, 'file' | 'lineOf'>): void => {
  const lines = unknown.map(
    ({ path, nearest }) => `${file}:${lineOf(path.split('.'))}: unknown field ${path}${nearest === undefined ? '' : ` (did you mean ${nearest}?)`}`,
  )
  const [first] = unknown
  if (first) throw invalid(lines.join('\n'), { path: first.path, ...(first.nearest !== undefined && { hint: `write ${first.nearest}` }) })
}

const checked = (document: Document): Document => {
  const { kind, body, file, lineOf } = document
  const known = documentKind(kind)
  if (!known)
    throw invalid(`${file}:${lineOf(['kind'])}: ${kind === '' ? 'kind is missing' : `unknown kind "${kind}"`}`, { path: 'kind', hint: kindHint(kind) })
  const schema = schemaOf(known)
  refuseUnknown(unknownFields(schema, body), document)
  const result = schema.safeParse(body)
  if (result.success) return document
  const issues = describeIssues(result.error.issues)
  throw invalid(issues.map(({ path, text }) => `${file}:${lineOf(path)}: ${[path.join('.'), text].filter(Boolean).join(' ')}`).join('\n'), {
    path: issues[0]?.path.join('.') ?? '',
  })
}

const Named = z.looseObject({ apiVersion: z.unknown().optional(), kind: z.string().default('') })

interface Source {
  readonly value: unknown
  readonly file: string
  readonly lineOf: Document['lineOf']
}

/** A list as `-o yaml` prints it stands for its items. */
const unlisted = ({ value, file, lineOf }: Source): readonly Source[] =>
  isRecord(value) && Array.isArray(value['items']) && String(value['kind']).endsWith('List')
    ? value['items'].map((item: unknown, index) => ({ value: item, file, lineOf: (path) => lineOf(['items', String(index), ...path]) }))
    : [{ value, file, lineOf }]

const documentOf = ({ value, file, lineOf }: Source): Document => {
  const parsed = Named.safeParse(value)
  if (!parsed.success) throw invalid(`${file}:${lineOf([])}: a document must be a map with a kind`)
  const { apiVersion: _, ...body } = parsed.data
  const { project, metadata } = body
  const place = [project, isRecord(metadata) ? metadata['project'] : undefined].find((name) => typeof name === 'string')
  return checked({ kind: body.kind, project: typeof place === 'string' ? place : undefined, body, file, lineOf })
}

/** The documents of one YAML or JSON text. Throws `invalid` with file, line, path and the nearest known name. */
export const parseManifest = (text: string, file: string): readonly Document[] => {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })
  if (!Array.isArray(parsed)) return []
  return parsed.flatMap((document) => {
    const [problem] = document.errors
    if (problem) throw invalid(`${file}:${lines.linePos(problem.pos[0]).line}: ${problem.message}`)
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    if (value === null || value === undefined) return []
    return unlisted({ value, file, lineOf: (path) => lines.linePos(positionOf(document, path)).line }).map(documentOf)
  })
}

/** All documents of these files, `-` being stdin; each is checked before the first is given. */
export const readManifest = async (files: readonly string[], io: Io): Promise<readonly Document[]> => {
  const documents: Document[] = []
  for (const file of files) {
    const text =
      file === '-'
        ? await io.stdin.text()
        : await readFile(resolve(io.cwd, file), 'utf8').catch((cause: unknown) => {
            throw invalid(`cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`)
          })
    documents.push(...parseManifest(text, file === '-' ? '<stdin>' : file))
  }
  if (documents.length === 0) throw invalid('there is no document in it', { hint: 'a document has a kind: project, container, container+job:run …' })
  return documents
}
